import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import classes from './Lines.module.css';

interface Document {
  subtotal: number;
  discount: number;
  tax: number;
  total: number;
  paid?: number;
  balance?: number | null;
}

/** What a document adds up to, as the database has computed it. */
export function Totals({ document }: { document: Document }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = [
    ['subtotal', document.subtotal],
    ...(document.discount > 0 ? [['discount', -document.discount] as const] : []),
    ['tax', document.tax],
  ] as const;
  return (
    <dl className={classes.totals} aria-live="polite">
      {rows.map(([name, amount]) => (
        <Pair key={name} name={t(`field.${name}`)} amount={format.money(amount)} />
      ))}
      <Pair name={t('field.total')} amount={format.money(document.total)} sum />
      {document.paid ? (
        <>
          <Pair name={t('field.paid')} amount={format.money(-document.paid)} />
          <Pair name={t('field.balance')} amount={format.money(document.balance)} sum />
        </>
      ) : null}
    </dl>
  );
}

function Pair({ name, amount, sum }: { name: string; amount: string; sum?: boolean }) {
  return (
    <>
      <dt className={sum ? classes.sum : undefined}>{name}</dt>
      <dd className={sum ? classes.sum : undefined}>{amount}</dd>
    </>
  );
}
