"""Users, member units and posts: who may do what, over which region subtree, until when.

Supplies the actors that every service and query takes. May import regions, audit and the kernel.
"""
