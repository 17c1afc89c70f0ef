// Passkeys: forms marked data-jt-passkey="make" or "use" get a credential from the browser before they are sent.
// The options stand in data-jt-options, or are asked for at data-jt-options-url.
(function () {
  "use strict";
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const opened = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  async function make(options) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: opened(options.excludeCredentials),
      },
    });
    return plain(made, {
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    });
  }

  async function use(options) {
    const used = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: opened(options.allowCredentials),
      },
    });
    const answer = used.response;
    return plain(used, {
      authenticatorData: text(answer.authenticatorData),
      signature: text(answer.signature),
      userHandle: answer.userHandle ? text(answer.userHandle) : null,
    });
  }

  const plain = (credential, response) => ({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  });

  async function optionsOf(form) {
    if (form.dataset.jtOptions) return JSON.parse(form.dataset.jtOptions).publicKey;
    const answer = await fetch(form.dataset.jtOptionsUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).publicKey;
  }

  document.querySelectorAll("form[data-jt-passkey]").forEach((form) => {
    if (!window.PublicKeyCredential) return;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      const field = form.querySelector("input[data-jt-credential]");
      if (field.value) return;
      event.preventDefault();
      const failed = form.querySelector("[data-jt-passkey-failed]");
      failed.hidden = true;
      try {
        const options = await optionsOf(form);
        field.value = JSON.stringify(await (form.dataset.jtPasskey === "make" ? make : use)(options));
      } catch {
        failed.hidden = false;
        return;
      }
      form.submit();
    });
  });
})();
