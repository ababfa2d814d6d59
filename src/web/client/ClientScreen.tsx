import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useParams } from '@tanstack/react-router';
import { Check, FileText, Unlink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '@/server/client/offer-schema';
import { isOffline } from '../hooks/request/failures';
import { DocumentFrame } from '../ui/DocumentFrame';
import { EmptyState, Failed, Panel, WaitingPage } from '../ui/Panel';
import { AcceptOffer } from './AcceptOffer';
import { AskOrDecline } from './AskOrDecline';
import classes from './Client.module.css';
import { ClientFooter, ClientHeader } from './ClientHeader';
import { companyStyle } from './company-style';
import { Designs } from './Designs';
import { OfferDetails } from './OfferDetails';
import { dayOf, keyOf, moneyOf, pdfOf, receiptOf, useOffer, usePaidBefore } from './offer';
import { PayDue } from './PayDue';

const CLOSED = ['declined', 'expired', 'superseded', 'changed', 'withdrawn'];

/** The client's page, opened from a link: offer, agreement, signature and payment. */
export function ClientScreen() {
  const { t } = useTranslation();
  const { token } = useParams({ strict: false }) as { token: string };
  const paidBefore = usePaidBefore();
  const { data: offer, error, isPending, refetch } = useOffer(token, paidBefore);
  useDocumentTitle(offer ? `${offer.company.companyName} · ${offer.quote.number ?? ''}` : 'Marquee');
  if (isPending) return <WaitingPage />;
  if (error && isOffline(error)) return <Failed error={error} retry={() => void refetch()} />;
  if (!offer) return <EmptyState icon={Unlink} title={t('client.gone')} text={t('client.goneText')} />;
  const isAccepted = offer.status === 'accepted';
  return (
    <main className={classes.page} style={companyStyle(offer.company)}>
      <ClientHeader company={offer.company} title={t('client.offer', { number: offer.quote.number })}>
        <Text c="dimmed">{t('client.for', { name: offer.quote.billTo.name })}</Text>
        {offer.quote.dueDate && !isAccepted && (
          <Text c="dimmed" size="sm">
            {t('client.validUntil', { date: dayOf(offer)(offer.quote.dueDate) })}
          </Text>
        )}
      </ClientHeader>
      <Stack>
        {isAccepted && <Accepted offer={offer} token={token} paidBefore={paidBefore} />}
        {CLOSED.includes(offer.status) && <Alert color="orange">{t(`client.closed.${offer.status}`)}</Alert>}
        <Designs
          designs={offer.designs}
          acceptedBy={offer.acceptedByName ?? ''}
          token={token}
          path={token}
          queryKey={keyOf(token)}
        />
        <OfferDetails offer={offer} token={token} />
        <Agreement offer={offer} />
        {!isAccepted && !CLOSED.includes(offer.status) && <AcceptOffer offer={offer} token={token} />}
        <AskOrDecline token={token} canDecline={!isAccepted && !CLOSED.includes(offer.status)} />
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
        <ClientFooter company={offer.company} />
      </Stack>
    </main>
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

function Accepted({
  offer,
  token,
  paidBefore,
}: {
  offer: Offer;
  token: string;
  paidBefore: number | undefined;
}) {
  const { t } = useTranslation();
  const money = moneyOf(offer.company, offer.quote);
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
          {offer.isCancelled
            ? t('client.cancelled', { company: offer.company.companyName })
            : isPaid
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
        <PayDue
          page={`/api/client/${token}`}
          invoice={invoice}
          paidBefore={paidBefore}
          howToPay={offer.howToPay}
          payments={offer.payments}
          receiptOf={(id) => receiptOf(token, id)}
          money={money}
          day={dayOf(offer)}
        />
      </Stack>
    </Panel>
  );
}
