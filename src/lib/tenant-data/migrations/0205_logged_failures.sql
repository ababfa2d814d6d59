-- Who logs a message that another program sent may say why it failed; what became of it later is the system's to say.
grant insert (failure_reason) on communications to authenticated;
