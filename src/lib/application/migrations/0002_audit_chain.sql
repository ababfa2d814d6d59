-- Chains the audit log. Records get ids without gaps, in the order they had. Needs their hashes before the first new record:
-- needs marquee.audit_leaf(), marquee.audit_chain()
alter table public.audit_log
  alter column id drop identity,
  add column address text,
  add column leaf_hash bytea,
  add column chain_hash bytea;

alter table public.audit_log disable trigger append_only;
do $$
declare
  record public.audit_log;
  number bigint := 0;
  leaf bytea;
  chain bytea := decode(repeat('00', 32), 'hex');
begin
  for record in select * from public.audit_log order by id loop
    number := number + 1;
    leaf := marquee.audit_leaf(
      number, record.occurred_at, record.tenant_id, record.actor, record.request_id, record.action, record.entity, record.entity_id,
      record.before, record.after, record.details, null
    );
    chain := marquee.audit_chain(chain, leaf);
    update public.audit_log set id = number, leaf_hash = leaf, chain_hash = chain where id = record.id;
  end loop;
end $$;
alter table public.audit_log enable always trigger append_only;

alter table public.audit_log alter column leaf_hash set not null, alter column chain_hash set not null;
create index audit_log_checkpoints on public.audit_log (id) where action = 'audit.checkpoint';
create trigger chain before insert on public.audit_log
  for each row execute function marquee.chain_audit_record();
alter table public.audit_log enable always trigger chain;

-- Changes are recorded when their transaction commits: the chain has one writer at a time, who then waits for no other lock.
drop trigger audit on public.tenants;
create constraint trigger audit after insert or update or delete on public.tenants
  deferrable initially deferred for each row execute function marquee.audit();
alter table public.tenants enable always trigger audit;
drop trigger audit on public.users;
create constraint trigger audit after insert or update or delete on public.users
  deferrable initially deferred for each row execute function marquee.audit();
alter table public.users enable always trigger audit;
