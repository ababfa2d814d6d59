-- While a move is open, the tenant's id at the source and at the target belongs to it: nothing else may bring a tenant there.
create table reserved_ids (
  -- Data source of the registry, and the tenant's id in it.
  data_source text not null,
  tenant_id uuid not null,
  move_id uuid not null references moves (id) on delete cascade,
  reserved_at timestamptz not null default now(),
  primary key (data_source, tenant_id)
);
create index on reserved_ids (move_id);
alter table reserved_ids enable row level security;

-- Moves that are open now: of two that want one id the earlier gets it, and the later is refused when it is taken up again.
insert into reserved_ids (data_source, tenant_id, move_id)
  select place.data_source, place.tenant_id, m.id
  from moves m cross join lateral (values (from_source, from_tenant_id), (to_source, to_tenant_id)) as place (data_source, tenant_id)
  where finished_at is null order by created_at
  on conflict do nothing;

-- The epoch at which the tenant's fence was open at the source when the move was recorded.
alter table moves add column from_epoch bigint;
