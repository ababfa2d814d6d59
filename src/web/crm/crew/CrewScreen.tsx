import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../hooks/roles';
import type { ScreenSearch } from '../../router';
import { PageHeader } from '../../ui/PageHeader';
import { RelatedRecords } from '../../ui/RelatedRecords';
import { payRates } from '../entities/setup';
import { MySchedule } from './MySchedule';
import { Rota } from './Rota';

/** Who works where; one's own schedule; what is paid. */
export function CrewScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as ScreenSearch;
  const manages = may('operations');
  const tab = search.tab ?? (manages ? 'rota' : 'mine');
  return (
    <>
      <PageHeader title={t('nav.crew')} />
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ to: '.', search: { tab: next ?? '' } })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {may('prices') && <Tabs.Tab value="rota">{t('crew.rota')}</Tabs.Tab>}
          <Tabs.Tab value="mine">{t('crew.mine')}</Tabs.Tab>
          {manages && <Tabs.Tab value="pay">{t('crew.pay')}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="rota">
          <Rota />
        </Tabs.Panel>
        <Tabs.Panel value="mine">
          <MySchedule />
        </Tabs.Panel>
        <Tabs.Panel value="pay">
          <RelatedRecords entity={payRates} filters={NO_FILTERS} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

const NO_FILTERS: never[] = [];
