import { Group, Stack, Text } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CompanyDataAnswer } from '@/server/api/company/company-data';
import { useCompanyData } from '../../../hooks/company/company-data';
import { useFormat } from '../../../hooks/format';
import { useMay } from '../../../hooks/session/roles';
import { useSupportAccess } from '../../../hooks/session/support-access';
import { Facts } from '../../../ui/Facts';
import { ButtonTo } from '../../../ui/LinkTo';
import { Failed, Lines, Panel } from '../../../ui/Panel';
import { OwnDatabase } from './OwnDatabase';
import { Requests } from './Requests';

/** Where the company's data are, who looked at them, and what the owners may ask for. */
export function DataSettings() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useCompanyData();
  const isOwner = useMay()('ownership');
  const wantsOwn = data?.requests.some(({ kind, state }) => kind === 'own_database' && state === 'open');
  const hasOwn = data?.kind === 'byod' || data?.kind === 'supabase';
  return (
    <>
      <Panel title={t('companyData.place')}>
        {error && !data ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : isPending ? (
          <Lines count={4} />
        ) : (
          <Place data={data} />
        )}
      </Panel>
      {data && <Requests data={data} canAsk={isOwner} />}
      {isOwner && data && !hasOwn && !wantsOwn && <OwnDatabase />}
    </>
  );
}

function Place({ data }: { data: CompanyDataAnswer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { kind, region, requiredRegion, serverVersion, database, lastBackupAt, lastProvenAt } = data;
  const lastSeen = useSupportAccess().data?.accesses.find(({ usedAt }) => usedAt !== null);
  const facts: [name: string, value: ReactNode, more?: string][] = [
    [
      'database',
      t(`companyData.kind.${kind ?? 'none'}`),
      kind ? t(`companyData.kindText.${kind}`) : undefined,
    ],
    [
      'region',
      region ?? t('companyData.notSaid'),
      requiredRegion ? t('companyData.stays', { region: requiredRegion }) : undefined,
    ],
    ['server', serverVersion ?? t('companyData.notSaid'), database ?? undefined],
    ['backup', lastBackupAt ? format.moment(lastBackupAt) : t('companyData.noBackup')],
    [
      'proven',
      lastProvenAt ? format.moment(lastProvenAt) : t('companyData.notProven'),
      t('companyData.provenText'),
    ],
    [
      'support',
      lastSeen?.usedAt
        ? t('companyData.lookedAt', { name: lastSeen.operatorName, when: format.moment(lastSeen.usedAt) })
        : t('companyData.neverLooked'),
      lastSeen?.reason,
    ],
  ];
  return (
    <Stack>
      <Facts
        facts={facts.map(([name, value, more]) => [
          t(`companyData.${name}`),
          <Fragment key={name}>
            {value}
            {more && (
              <Text size="sm" c="dimmed">
                {more}
              </Text>
            )}
          </Fragment>,
        ])}
      />
      <Group gap="xs">
        {(['supportAccess', 'keys', 'singleSignOn'] as const).map((tab) => (
          <ButtonTo key={tab} to="." search={{ tab }} size="compact-sm" variant="light">
            {t(`settings.${tab}.title`)}
          </ButtonTo>
        ))}
      </Group>
    </Stack>
  );
}
