-- What a payment, refund or credit consists of: net and tax for each rate of its invoice; what was sold untaxed has the rate 0. The taxes
-- are those that `sales_tax_report` counts. Both are cumulative: net and tax add up to the amount, and to those of the invoice once it
-- is settled, to the cent. Money reaches from nothing upwards and credits from the total downwards, each in the order in which it counted: when
-- it was recorded, or succeeded after that. So what is recorded later, as of an earlier day, changes no share.
create or replace function public.payment_taxes(payment_id uuid) returns table (name text, rate numeric, net bigint, tax bigint)
  language sql stable
as $$
  with entry as (
    -- From and to which part of the invoice's total it reaches.
    select e.invoice_id, case when e.is_credit then i.total - e.reached else e.reached - e.amount end as reached_from,
      case when e.is_credit then i.total - e.reached + e.amount else e.reached end as reached, i.total, i.rounding, i.tax, i.taxes
    from (
      select p.id, p.invoice_id, p.method = 'credit' as is_credit, p.signed as amount,
        sum(p.signed) over (partition by p.method = 'credit' order by greatest(p.paid_at, p.created_at), p.created_at, p.id) as reached
      from (
        select a.*, case a.kind when 'refund' then -a.amount else a.amount end as signed
        from public.payments a
        where a.tenant_id = (select tenancy.current_tenant()) and a.status = 'succeeded' and a.invoice_id = (select o.invoice_id
          from public.payments o where o.tenant_id = (select tenancy.current_tenant()) and o.id = payment_id)
      ) p
    ) e
    join public.invoices i on i.tenant_id = (select tenancy.current_tenant()) and i.id = e.invoice_id and i.total <> 0
    where e.id = payment_id
  ), share as (
    -- What the rates up to this one come to together: their differences add up to the whole, however each is rounded.
    select t.name, t.rate, t.tax, t.net + t.tax as gross, sum(t.net + t.tax) over (order by t.rate desc, t.name, t.net) as up_to,
      e.total, e.rounding, e.reached_from, e.reached
    from entry e
    cross join lateral (
      select r.name, r.rate, r.net, r.tax from jsonb_to_recordset(e.taxes) as r (name text, rate numeric, net numeric, tax numeric)
      union all
      select '', 0, e.total - e.tax - coalesce(sum(r.net), 0), 0 from jsonb_to_recordset(e.taxes) as r (net numeric)
    ) t
    where t.net <> 0 or t.tax <> 0
  ), part as (
    select s.name, s.rate,
      tenancy.round_money(s.up_to * s.reached, s.total, s.rounding) - tenancy.round_money(s.up_to * s.reached_from, s.total, s.rounding)
        - tenancy.round_money((s.up_to - s.gross) * s.reached, s.total, s.rounding)
        + tenancy.round_money((s.up_to - s.gross) * s.reached_from, s.total, s.rounding) as gross,
      tenancy.round_money(s.tax * s.reached, s.total, s.rounding) - tenancy.round_money(s.tax * s.reached_from, s.total, s.rounding) as tax
    from share s
  )
  select p.name, p.rate, (p.gross - p.tax)::bigint, p.tax::bigint from part p order by p.rate desc, p.name
$$;
select tenancy.expose(true, 'public.payment_taxes(uuid)');
