-- Which subject of the operator's console has changed (see src/server/operator/live-subjects.ts). Health is announced where a
-- state changed, not each round of probes.
create trigger announce after insert or update or delete on data_sources
  for each row execute function marquee.announce_change('sources');
create trigger announce after insert or update or delete on data_source_replicas
  for each row execute function marquee.announce_change('sources');
create trigger announce after insert on health_changes
  for each row execute function marquee.announce_change('health');
create trigger announce after insert or update or delete on moves
  for each row execute function marquee.announce_change('moves');
create trigger announce after insert on move_events
  for each row execute function marquee.announce_change('moves');
create trigger announce after insert or update or delete on rollouts
  for each row execute function marquee.announce_change('rollouts');
create trigger announce after insert or update or delete on schema_rollouts
  for each row execute function marquee.announce_change('schema');
create trigger announce after insert or update or delete on schema_rollout_sources
  for each row execute function marquee.announce_change('schema');
create trigger announce after insert or update or delete on alerts
  for each row execute function marquee.announce_change('alerts');
create trigger announce after insert or update or delete on alert_rules
  for each row execute function marquee.announce_change('alerts');
create trigger announce after insert or update or delete on backups
  for each row execute function marquee.announce_change('backups');
create trigger announce after insert or update or delete on restores
  for each row execute function marquee.announce_change('backups');
create trigger announce after insert or update or delete on drills
  for each row execute function marquee.announce_change('backups');
create trigger announce after insert or update or delete on legal_holds
  for each row execute function marquee.announce_change('backups');
create trigger announce after insert or update or delete on support_access
  for each row execute function marquee.announce_change('support');
create trigger announce after insert or update or delete on token_keys
  for each row execute function marquee.announce_change('keys');
