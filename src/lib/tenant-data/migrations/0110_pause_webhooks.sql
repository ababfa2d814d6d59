-- A webhook's endpoint can be paused: it is kept and told nothing until it is resumed.
alter table user_integrations drop constraint user_integrations_status_check,
  add constraint user_integrations_status_check check (status in ('connected', 'paused', 'expired', 'revoked', 'error'));
