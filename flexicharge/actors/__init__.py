"""Who is connected: one mailbox each, one message at a time, under a supervisor."""
