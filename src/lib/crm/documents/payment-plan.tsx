import { formatDate } from './dates-and-times';
import type { DocumentFormat } from './document-format';
import type { ReceivedPayment, SalesDocument, ScheduledPayment } from './model';
import { Columns, Section, styles, Written } from './theme';

/** What is asked for when, and what of it is paid. A plan of one part says nothing that the total does not. */
export function PaymentPlan({ document, format }: { document: SalesDocument; format: DocumentFormat }) {
  // After a deposit of 100 % nothing is left to ask for.
  const schedule = (document.schedule ?? []).filter(({ amount }) => amount !== 0);
  if (schedule.length < 2) return null;
  const { words, money } = format;
  return (
    <Section title={words.schedule}>
      {schedule.map((part, index) => (
        <PlanRow
          // biome-ignore lint/suspicious/noArrayIndexKey: parts are printed once, in their order
          key={index}
          texts={[words.known[part.label] ?? part.label, stateOf(part, format), money(part.amount)]}
        />
      ))}
    </Section>
  );
}

function PlanRow({ texts: [what, state, amount] }: { texts: [string, string, string] }) {
  return (
    <Columns
      widths={[34, 44, 22]}
      style={styles.rule}
      cells={[
        <Written key="what" style={styles.cell} text={what} letters={18} />,
        <Written key="state" style={{ ...styles.cell, ...styles.muted }} text={state} letters={22} />,
        <Written key="amount" style={{ ...styles.cell, ...styles.right }} text={amount} letters={11} />,
      ]}
    />
  );
}

/** `Due May 1, 2026 · $200.00 paid`, `Paid May 2, 2026`. */
function stateOf(part: ScheduledPayment, { words, money, locale }: DocumentFormat): string {
  const isPaid = part.paid >= part.amount;
  if (isPaid) return part.paidOn ? words.partPaidOn(formatDate(part.paidOn, locale)) : words.partPaid;
  const due = part.dueDate
    ? words.dueOn(formatDate(part.dueDate, locale))
    : part.daysBefore === undefined
      ? words.dueOnAcceptance
      : words.dueBefore(part.daysBefore);
  return part.paid > 0 ? `${due} · ${words.partPaidOf(money(part.paid))}` : due;
}

/** Each payment, refund and credit of an invoice. */
export function ReceivedPayments({ document, format }: { document: SalesDocument; format: DocumentFormat }) {
  const { payments = [] } = document;
  if (payments.length === 0) return null;
  const { words, money, locale } = format;
  return (
    <Section title={words.payments}>
      {payments.map((payment, index) => (
        <PlanRow
          // biome-ignore lint/suspicious/noArrayIndexKey: payments are printed once, in their order
          key={index}
          texts={[
            formatDate(payment.date, locale),
            [titleOf(payment, format), payment.reference].filter(Boolean).join(' · '),
            money(payment.kind === 'refund' ? String(-BigInt(payment.amount)) : payment.amount),
          ]}
        />
      ))}
    </Section>
  );
}

function titleOf({ kind, method }: ReceivedPayment, { words }: DocumentFormat): string {
  const how = words.methods[method] ?? method;
  return kind === 'refund' ? `${words.refundReceipt} · ${how}` : how;
}
