import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Unlink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { InvoicePage } from '@/server/client/invoices';
import { serverAddress } from '../hooks/page/address';
import { isOffline } from '../hooks/request/failures';
import { ask } from '../hooks/session/session';
import { EmptyState, Failed, Panel, WaitingPage } from '../ui/Panel';
import classes from './Client.module.css';
import { ClientFooter, ClientHeader } from './ClientHeader';
import { companyStyle } from './company-style';
import { askAgain, dayOf, isAwaited, moneyOf, usePaidBefore } from './offer';
import { PayDue } from './PayDue';
import { PricedLine, Sums } from './Priced';

type Amount = InvoicePage['invoice']['total'];

/** The client's page of an invoice, opened from a mail: what it is for, what is due, and how to pay it. */
export function InvoiceScreen() {
  const { t } = useTranslation();
  const { token } = useParams({ strict: false }) as { token: string };
  const paidBefore = usePaidBefore();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['client-invoice', token],
    queryFn: () => ask<InvoicePage>(`/api/client/invoices/${token}`),
    retry: 1,
    refetchInterval: ({ state }) => askAgain(isAwaited(paidBefore, state.data?.paid), state),
  });
  useDocumentTitle(data ? `${data.company.companyName} · ${data.invoice.number ?? ''}` : 'Marquee');
  if (isPending) return <WaitingPage />;
  if (error && isOffline(error)) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <EmptyState icon={Unlink} title={t('client.gone')} text={t('client.goneText')} />;
  const { company, invoice } = data;
  const money = moneyOf(company, invoice);
  const day = dayOf(data);
  return (
    <main className={classes.page} style={companyStyle(company)}>
      <ClientHeader company={company} title={t('mailing.invoiceTitle', { number: invoice.number })}>
        <Text c="dimmed">{t('client.for', { name: invoice.billTo.name })}</Text>
        {data.due?.date && (
          <Text c="dimmed" size="sm">
            {t('mailing.dueOn', { date: day(data.due.date) })}
          </Text>
        )}
      </ClientHeader>
      <Stack>
        <Due page={data} token={token} paidBefore={paidBefore} money={money} day={day} />
        <Panel title={invoice.event?.title ?? t('client.includes')}>
          {invoice.lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of an issued invoice never change
            <PricedLine key={index} line={line} money={money} />
          ))}
          <Sums document={invoice} money={money} />
          {invoice.terms && (
            <Text size="sm" c="dimmed" mt="md" style={{ whiteSpace: 'pre-wrap' }}>
              {invoice.terms}
            </Text>
          )}
        </Panel>
        <Anchor
          href={serverAddress(`/api/client/invoices/${token}/invoice.pdf`)}
          target="_blank"
          size="sm"
          ta="center"
          underline="always"
        >
          {t('mailing.invoicePdf')}
        </Anchor>
        <ClientFooter company={company} />
      </Stack>
    </main>
  );
}

function Due({
  page,
  token,
  paidBefore,
  money,
  day,
}: {
  page: InvoicePage;
  token: string;
  paidBefore: number | undefined;
  money: (amount: Amount) => string;
  day: (date: string) => string;
}) {
  const { t } = useTranslation();
  const { due, balance, paid, status, howToPay, payments } = page;
  return (
    <Panel>
      <Stack gap="sm" aria-live="polite">
        {status === 'void' || status === 'written_off' ? (
          <Alert color="orange">{t(status === 'void' ? 'mailing.voided' : 'mailing.writtenOff')}</Alert>
        ) : (
          !due && <Text fw={600}>{t('client.allPaid')}</Text>
        )}
        {paid > 0 && status !== 'written_off' && (
          <Text size="sm" c="dimmed">
            {t('client.paidSoFar', { paid: money(paid), total: money(paid + balance) })}
          </Text>
        )}
        <PayDue
          page={`/api/client/invoices/${token}`}
          invoice={{ due, balance, paid }}
          paidBefore={paidBefore}
          howToPay={howToPay}
          payments={payments}
          receiptOf={(id) => serverAddress(`/api/client/invoices/${token}/receipts/${id}`)}
          money={money}
          day={day}
        />
      </Stack>
    </Panel>
  );
}
