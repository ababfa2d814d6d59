-- Creates what a new tenant starts with. Can be called again: what exists stays.
create or replace function tenancy.seed_tenant() returns void
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
begin
  insert into public.payment_status_options (name, color, rule, display_order) values
    ('Not Paid', '#868e96', 'none', 1), ('Deposit Paid', '#1c7ed6', 'deposit', 2),
    ('Past Due', '#e03131', 'past_due', 3), ('Paid in Full', '#2f9e44', 'paid', 4)
    on conflict do nothing;

  insert into public.core_task_templates (name, display_order, days_before, required, auto_rule) values
    ('Photo Strip Design Approval', 1, 14, true, 'designs_approved'),
    ('Event Staff Assigned', 2, 14, true, 'staff_confirmed'),
    ('Event Logistics Received', 3, 10, true, null),
    ('Event Setup in Software', 4, 7, true, null),
    ('Payment Received', 5, 7, true, 'paid')
    on conflict do nothing;

  insert into public.event_categories (name, slug, color, icon, is_system, display_order) values
    ('Weddings', 'weddings', '#d6336c', 'heart', true, 1), ('Corporate', 'corporate', '#1c7ed6', 'briefcase', true, 2),
    ('Social', 'social', '#f08c00', 'confetti', true, 3), ('Schools', 'schools', '#2f9e44', 'school', true, 4),
    ('Non-profit', 'non-profit', '#7048e8', 'heart-handshake', true, 5)
    on conflict do nothing;
  insert into public.event_types (category_id, name, slug, default_duration_minutes, display_order)
    select c.id, t.name, t.slug, t.minutes, t.position
    from (values
      ('weddings', 'Wedding', 'wedding', 240, 1), ('weddings', 'Engagement party', 'engagement-party', 180, 2),
      ('weddings', 'Rehearsal dinner', 'rehearsal-dinner', 180, 3),
      ('corporate', 'Conference', 'conference', 480, 1), ('corporate', 'Product launch', 'product-launch', 240, 2),
      ('corporate', 'Holiday party', 'holiday-party', 240, 3), ('corporate', 'Trade show', 'trade-show', 480, 4),
      ('social', 'Birthday', 'birthday', 180, 1), ('social', 'Anniversary', 'anniversary', 180, 2),
      ('social', 'Bar or bat mitzvah', 'mitzvah', 240, 3), ('social', 'Quinceañera', 'quinceanera', 240, 4),
      ('schools', 'Prom', 'prom', 240, 1), ('schools', 'Graduation', 'graduation', 180, 2),
      ('non-profit', 'Gala', 'gala', 240, 1), ('non-profit', 'Fundraiser', 'fundraiser', 180, 2)
    ) as t (category, name, slug, minutes, position)
    join public.event_categories c on c.tenant_id = tenant and c.slug = t.category
    on conflict do nothing;

  insert into public.design_statuses (name, slug, color, is_default, is_completed, display_order) values
    ('Not started', 'not_started', '#868e96', true, false, 1),
    ('In progress', 'in_progress', '#1c7ed6', false, false, 2),
    ('Proof sent', 'proof_sent', '#7048e8', false, false, 3),
    ('Changes requested', 'changes_requested', '#f08c00', false, false, 4),
    ('Approved', 'approved', '#2f9e44', false, true, 5)
    on conflict do nothing;
  insert into public.design_item_types
      (name, type, due_date_days, urgent_threshold_days, missed_deadline_days, is_auto_added, display_order) values
    ('Photo strip', 'digital', 14, 7, 3, true, 1), ('Start screen', 'digital', 14, 7, 3, false, 2),
    ('Animated overlay', 'digital', 14, 7, 3, false, 3), ('Backdrop', 'physical', 21, 14, 13, false, 4),
    ('Booth wrap', 'physical', 21, 14, 13, false, 5), ('Signage', 'physical', 21, 14, 13, false, 6)
    on conflict do nothing;

  insert into public.staff_roles (name, type, display_order) values
    ('Booth attendant', 'event_staff', 1), ('Lead attendant', 'event_staff', 2), ('Photographer', 'event_staff', 3),
    ('Driver', 'event_staff', 4), ('Event manager', 'operations', 5), ('Designer', 'operations', 6),
    ('Warehouse', 'operations', 7)
    on conflict do nothing;

  insert into public.number_sequences (kind, prefix, padding, resets_yearly) values
    ('event', 'EV-', 4, false), ('quote', 'Q-', 4, false), ('invoice', 'INV-', 4, false), ('contract', 'C-', 4, false)
    on conflict do nothing;

  insert into public.tenant_settings (key, value) values
    ('pipeline', '{"stages": [
        {"key": "prospecting", "name": "Prospecting", "probability": 10, "kind": "open"},
        {"key": "qualification", "name": "Qualification", "probability": 25, "kind": "open"},
        {"key": "proposal", "name": "Proposal", "probability": 50, "kind": "open"},
        {"key": "negotiation", "name": "Negotiation", "probability": 75, "kind": "open"},
        {"key": "closed_won", "name": "Closed won", "probability": 100, "kind": "won"},
        {"key": "closed_lost", "name": "Closed lost", "probability": 0, "kind": "lost"}],
      "stale_after_days": 21}'),
    ('priority_windows', '{"critical": 2, "high": 7, "medium": 14, "low": 30}'),
    ('currency', '"USD"'), ('timezone', '"America/New_York"'), ('overlap_policy', '"refuse"'),
    ('hold', '{"expires_after_hours": 72}')
    on conflict do nothing;
end
$$;
revoke execute on function tenancy.seed_tenant() from public;
grant execute on function tenancy.seed_tenant()
  to tenant_mover, tenant_service;
