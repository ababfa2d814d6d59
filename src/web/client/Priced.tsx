import { List, Text } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '@/server/client/offer-schema';
import classes from './Client.module.css';

type Document = Offer['quote'];
type Money = (amount: Document['total']) => string;
export type PageLine = Document['lines'][number];

/** A line with its price; its own discount stands below, so that the arithmetic can be followed. */
export function PricedLine({
  line,
  money,
  children,
}: {
  line: PageLine;
  money: Money;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <div className={classes.line}>
      <div>
        <LineText line={line}>{children}</LineText>
        {line.grossTotal !== undefined && (
          <Text size="sm" className={classes.discount}>
            {line.discountPercent === undefined
              ? t('lines.discount')
              : t('client.discountPercent', { percent: line.discountPercent })}
          </Text>
        )}
      </div>
      <span className={`numeric ${classes.amounts}`}>
        {money(line.grossTotal ?? line.lineTotal)}
        {line.grossTotal !== undefined && (
          <Text size="sm" className={classes.discount}>
            {money(Number(line.lineTotal) - Number(line.grossTotal))}
          </Text>
        )}
      </span>
    </div>
  );
}

/** What a line is: its name, description and contents. */
export function LineText({ line, children }: { line: PageLine; children?: ReactNode }) {
  return (
    <>
      <Text fw={600}>
        {Number(line.quantity) !== 1 && `${Number(line.quantity)} × `}
        {line.name}
      </Text>
      {line.description && (
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap' }}>
          {line.description}
        </Text>
      )}
      {line.includes && (
        <List size="sm" mt={4}>
          {line.includes.map((one) => (
            <List.Item key={one}>{one}</List.Item>
          ))}
        </List>
      )}
      {children}
    </>
  );
}

/** From the subtotal to the total. */
export function Sums({ document, money }: { document: Document; money: Money }) {
  const { t } = useTranslation();
  return (
    <dl className={classes.sums} aria-live="polite">
      <dt>{t('lines.subtotal')}</dt>
      <dd>{money(document.subtotal)}</dd>
      {Number(document.discount) > 0 && (
        <>
          <dt>{t('lines.discount')}</dt>
          <dd>−{money(document.discount)}</dd>
        </>
      )}
      {document.taxes.map(
        (tax) =>
          tax.net === undefined && (
            <div key={tax.name} className={classes.pair}>
              <dt>{tax.name}</dt>
              <dd>{money(tax.amount)}</dd>
            </div>
          ),
      )}
      <dt className={classes.grand}>{t('total')}</dt>
      <dd className={classes.grand}>{money(document.total)}</dd>
      {document.taxes.map(
        (tax) =>
          tax.net !== undefined && (
            <Fragment key={tax.name}>
              <dt>{t('lines.net')}</dt>
              <dd>{money(tax.net)}</dd>
              <dt>{tax.name}</dt>
              <dd>{money(tax.amount)}</dd>
            </Fragment>
          ),
      )}
    </dl>
  );
}
