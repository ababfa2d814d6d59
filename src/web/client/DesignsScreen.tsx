import { Stack, Text } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Image, Unlink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { DesignsPage } from '@/server/client/event-designs';
import { isOffline } from '../hooks/request/failures';
import { ask } from '../hooks/session/session';
import { EmptyState, Failed, WaitingPage } from '../ui/Panel';
import classes from './Client.module.css';
import { ClientFooter, ClientHeader } from './ClientHeader';
import { companyStyle } from './company-style';
import { Designs } from './Designs';
import { dayOf } from './offer';

/** The client's page of an event's designs, opened by the event's own link: to approve them or to ask for changes. */
export function DesignsScreen() {
  const { t } = useTranslation();
  const { token } = useParams({ strict: false }) as { token: string };
  const queryKey = ['client-designs', token];
  const { data, error, isPending, refetch } = useQuery({
    queryKey,
    queryFn: () => ask<DesignsPage>(`/api/client/events/${token}`),
    retry: 1,
  });
  useDocumentTitle(data ? `${data.company.companyName} · ${data.title}` : 'Marquee');
  if (isPending) return <WaitingPage />;
  if (error && isOffline(error)) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <EmptyState icon={Unlink} title={t('client.gone')} text={t('client.goneText')} />;
  return (
    <main className={classes.page} style={companyStyle(data.company)}>
      <ClientHeader company={data.company} title={data.title}>
        {data.date && <Text c="dimmed">{dayOf(data)(data.date)}</Text>}
      </ClientHeader>
      <Stack>
        {data.designs.length === 0 && <EmptyState icon={Image} title={t('client.noDesigns')} />}
        <Designs designs={data.designs} token={token} path={`events/${token}`} queryKey={queryKey} />
        <ClientFooter company={data.company} />
      </Stack>
    </main>
  );
}
