-- A code of the second factor is good once: of the periods of 30 seconds, the last one a code was taken from.
alter table public.users add column totp_last_step bigint;
