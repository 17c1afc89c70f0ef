// A real OpenID Connect provider for the test of single sign-on: whoever types a name is that person.
import Provider from "oidc-provider";

const [port, callback] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "jingtu",
      client_secret: "only-for-this-test",
      redirect_uris: [callback],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], profile: ["preferred_username", "name"], email: ["email", "email_verified"] },
  cookies: { keys: ["only for this test"] },
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: async () => ({ sub: `directory-${id}`, preferred_username: id, name: id }),
  }),
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
