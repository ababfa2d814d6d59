import { Alert, Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useParams } from '@tanstack/react-router';
import { Check, FileText, Unlink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '@/server/client/offer-schema';
import { isOffline } from '../hooks/failures';
import { DocumentFrame } from '../ui/DocumentFrame';
import { explain } from '../ui/notify';
import { EmptyState, Failed, Panel, WaitingPage } from '../ui/Panel';
import { AcceptOffer } from './AcceptOffer';
import classes from './Client.module.css';
import { dayOf, moneyOf, pdfOf, useOffer, usePay } from './offer';

const CLOSED = ['declined', 'expired', 'superseded', 'changed'];

/** The client's page, opened from a link: offer, agreement, signature and payment. */
export function ClientScreen() {
  const { t } = useTranslation();
  const { token } = useParams({ strict: false }) as { token: string };
  const { data: offer, error, isPending, refetch } = useOffer(token);
  useDocumentTitle(offer ? `${offer.company.companyName} · ${offer.quote.number ?? ''}` : 'Marquee');
  if (isPending) return <WaitingPage />;
  if (error && isOffline(error)) return <Failed error={error} retry={() => void refetch()} />;
  if (!offer) return <EmptyState icon={Unlink} title={t('client.gone')} text={t('client.goneText')} />;
  const isAccepted = offer.status === 'accepted';
  return (
    <main className={classes.page}>
      <header className={classes.head} style={{ borderColor: offer.company.primaryColor }}>
        <Text fw={650}>{offer.company.companyName}</Text>
        <Title order={1} fz={26} mt={6}>
          {t('client.offer', { number: offer.quote.number })}
        </Title>
        <Text c="dimmed">{t('client.for', { name: offer.quote.billTo.name })}</Text>
        {offer.quote.dueDate && !isAccepted && (
          <Text c="dimmed" size="sm">
            {t('client.validUntil', { date: dayOf(offer)(offer.quote.dueDate) })}
          </Text>
        )}
      </header>
      <Stack>
        {isAccepted && <Accepted offer={offer} token={token} />}
        {CLOSED.includes(offer.status) && <Alert color="orange">{t(`client.closed.${offer.status}`)}</Alert>}
        <OfferLines offer={offer} />
        <Agreement offer={offer} />
        {!isAccepted && !CLOSED.includes(offer.status) && <AcceptOffer offer={offer} token={token} />}
        <Group gap="lg" justify="center" py="sm">
          <Anchor href={pdfOf(token, 'quote')} target="_blank" size="sm">
            {t('client.quotePdf')}
          </Anchor>
          {offer.contract?.signedAt && (
            <Anchor href={pdfOf(token, 'contract')} target="_blank" size="sm">
              {t('client.contractPdf')}
            </Anchor>
          )}
        </Group>
        <Text size="xs" c="dimmed" ta="center" pb="xl">
          {[offer.company.companyName, ...offer.company.companyLines].join(' · ')}
        </Text>
      </Stack>
    </main>
  );
}

function OfferLines({ offer }: { offer: Offer }) {
  const { t } = useTranslation();
  const money = moneyOf(offer);
  const { quote } = offer;
  return (
    <Panel title={quote.event?.title ?? t('client.includes')}>
      {quote.event && (
        <Text size="sm" mb="sm">
          {[...quote.event.dates.map(dayOf(offer)), quote.event.place].filter(Boolean).join(' · ')}
        </Text>
      )}
      {quote.lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of an offer never change
        <div key={index} className={classes.line}>
          <div>
            <Text fw={550}>
              {Number(line.quantity) !== 1 && `${Number(line.quantity)} × `}
              {line.name}
            </Text>
            {line.description && (
              <Text size="sm" c="dimmed">
                {line.description}
              </Text>
            )}
          </div>
          <span className="numeric">{money(line.lineTotal)}</span>
        </div>
      ))}
      <dl className={classes.sums}>
        <dt>{t('lines.subtotal')}</dt>
        <dd>{money(quote.subtotal)}</dd>
        {Number(quote.discount) > 0 && (
          <>
            <dt>{t('lines.discount')}</dt>
            <dd>−{money(quote.discount)}</dd>
          </>
        )}
        {quote.taxes.map((tax) => (
          <div key={tax.name} className={classes.pair}>
            <dt>{tax.name}</dt>
            <dd>{money(tax.amount)}</dd>
          </div>
        ))}
        <dt className={classes.grand}>{t('total')}</dt>
        <dd className={classes.grand}>{money(quote.total)}</dd>
      </dl>
      {Number(offer.deposit) > 0 && offer.status !== 'accepted' && (
        <Text size="sm" c="dimmed" ta="end">
          {t('client.deposit', { amount: money(offer.deposit) })}
        </Text>
      )}
      {quote.terms && (
        <Text size="sm" c="dimmed" mt="md" style={{ whiteSpace: 'pre-wrap' }}>
          {quote.terms}
        </Text>
      )}
    </Panel>
  );
}

function Agreement({ offer }: { offer: Offer }) {
  const { t } = useTranslation();
  if (!offer.contract) return null;
  return (
    <Panel title={offer.contract.title || t('client.agreement')} aside={<FileText size={17} aria-hidden />}>
      <DocumentFrame title={t('client.agreement')} html={offer.contract.bodyHtml} />
    </Panel>
  );
}

function Accepted({ offer, token }: { offer: Offer; token: string }) {
  const { t } = useTranslation();
  const money = moneyOf(offer);
  const pay = usePay(token);
  const { invoice } = offer;
  const isPaid = invoice !== null && Number(invoice.balance) <= 0;
  return (
    <Panel>
      <Stack gap="sm" aria-live="polite">
        <Group gap="xs" wrap="nowrap">
          <Check size={22} color="var(--mantine-color-green-7)" aria-hidden />
          <Text fw={650} fz="lg">
            {t('client.thanks', { name: offer.acceptedByName })}
          </Text>
        </Group>
        <Text size="sm">
          {isPaid
            ? t('client.allPaid')
            : t(offer.isReserved ? 'client.thanksText' : 'client.toBeConfirmed', {
                company: offer.company.companyName,
              })}
        </Text>
        {invoice && Number(invoice.paid) > 0 && (
          <Text size="sm" c="dimmed">
            {t('client.paidSoFar', { paid: money(invoice.paid), total: money(invoice.total) })}
          </Text>
        )}
        {invoice?.due && (
          <>
            <Text size="sm" fw={550}>
              {t('client.due', { label: invoice.due.label })}
            </Text>
            <Button size="lg" loading={pay.isPending} onClick={() => pay.mutate('due')}>
              {t('client.pay', { amount: money(invoice.due.amount) })}
            </Button>
            {Number(invoice.balance) !== Number(invoice.due.amount) && (
              <Button variant="default" disabled={pay.isPending} onClick={() => pay.mutate('balance')}>
                {t('client.payAll', { amount: money(invoice.balance) })}
              </Button>
            )}
          </>
        )}
        {pay.error && (
          <Alert color="red" role="alert">
            {explain(pay.error)}
          </Alert>
        )}
      </Stack>
    </Panel>
  );
}
