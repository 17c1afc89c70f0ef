"""Who did what to what, when, from where, and what it was before.

The lowest app above the kernel: it stores actors, targets and regions as ids and labels and
knows no other app's tables. Other apps write through :func:`jingtu.core.audit.services.record`.
"""
