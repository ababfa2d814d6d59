-- Staff: roles and what they are paid, who had which role when, and days off.

create table staff_roles (
  like tenancy.record including all,
  name text not null check (name <> ''),
  type text not null check (type in ('operations', 'event_staff')),
  default_rate bigint check (default_rate between 0 and 100000000),
  is_active boolean not null default true,
  display_order int not null default 0,
  unique (tenant_id, name)
);
create index on staff_roles (tenant_id, display_order, id);

select tenancy.protect('staff_roles', reads => '{owner,admin,manager,sales,staff,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}', costs => '{default_rate}');

create table user_pay_rate_history (
  like tenancy.record including all,
  user_id uuid not null,
  staff_role_id uuid,
  pay_type text not null default 'hourly' check (pay_type in ('hourly', 'flat')),
  rate bigint not null check (rate between 0 and 100000000),
  effective daterange not null check (not isempty(effective)),
  constraint user_pay_rate_history_no_overlap exclude using gist (
    tenant_id with =, user_id with =,
    -- A rate without a role only conflicts with other rates without a role: null does not equal null.
    (coalesce(staff_role_id, '00000000-0000-0000-0000-000000000000'::uuid)) with =,
    effective with &&),
  constraint user_pay_rate_history_staff_role_id_fkey
    foreign key (tenant_id, staff_role_id) references staff_roles (tenant_id, id) on delete set null (staff_role_id) deferrable
);
create index on user_pay_rate_history (tenant_id, staff_role_id);
create index on user_pay_rate_history (tenant_id, user_id, lower(effective));
create index on user_pay_rate_history (tenant_id, created_at, id);

select tenancy.protect('user_pay_rate_history', reads => '{owner,admin,manager,sales,staff,viewer}', inserts => '{owner,admin}',
  updates => '{owner,admin}', deletes => '{owner,admin}',
  every_row => $$user_id = (select tenancy.current_user_id())$$, every_row_but_for => '{owner,admin,manager}');

create table user_role_history (
  like tenancy.record including all,
  user_id uuid not null,
  role text not null check (role in ('owner', 'admin', 'manager', 'sales', 'staff', 'viewer')),
  effective daterange not null check (not isempty(effective)),
  constraint user_role_history_no_overlap exclude using gist (tenant_id with =, user_id with =, effective with &&)
);
create index on user_role_history (tenant_id, user_id, lower(effective));

select tenancy.protect('user_role_history', reads => '{owner,admin,manager,sales,staff,viewer}', inserts => '{owner,admin}',
  updates => '{owner,admin}', deletes => '{owner,admin}',
  every_row => $$user_id = (select tenancy.current_user_id())$$, every_row_but_for => '{owner,admin,manager}');

-- Only the application database says who works for a tenant and in which role.
revoke insert, update, delete on user_role_history from tenant_user, tenant_manager;

-- Days on which a person does not work. Whole days: a shift counts to the day of its event date, as its rate does.
create table tenancy.time_off (
  tenant_id uuid not null default tenancy.current_tenant(),
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  first_day date not null,
  last_day date not null,
  reason text not null default 'vacation' check (reason in ('vacation', 'sick', 'other')),
  note text check (length(note) <= 500),
  created_at timestamptz not null default now(),
  created_by uuid default tenancy.current_user_id(),
  primary key (tenant_id, id),
  constraint time_off_days check (last_day >= first_day and last_day - first_day <= 366),
  constraint time_off_once exclude using gist
    (tenant_id with =, user_id with =, daterange(first_day, last_day, '[]') with &&)
);
create index on tenancy.time_off (tenant_id, last_day, first_day);

select tenancy.protect_internal('tenancy.time_off');
select tenancy.tell_screens('tenancy.time_off');
