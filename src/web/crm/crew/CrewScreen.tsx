import { Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { useMay } from '../../hooks/session/roles';
import { PageHeader } from '../../ui/PageHeader';
import { ScreenTabs } from '../../ui/ScreenTabs';
import { payRates } from '../entities/setup';
import { RelatedRecords } from '../records/RelatedRecords';
import { CrewPay } from './CrewPay';
import { MySchedule } from './MySchedule';
import { Rota } from './Rota';
import { TimeOff } from './TimeOff';

/** The crew screen: rota, time off, own schedule and pay. */
export function CrewScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const search = useScreenSearch();
  const parts: [key: string, shown: boolean, Part: ComponentType][] = [
    ['rota', may('prices'), Rota],
    ['mine', true, MySchedule],
    ['timeOff', true, TimeOff],
    ['pay', may('tasks'), Pay],
  ];
  const shown = parts.filter(([, isShown]) => isShown);
  const usual = may('operations') ? 'rota' : 'mine';
  const [tab, , Part] = shown.find(([key]) => key === (search.tab ?? usual)) ??
    shown[0] ?? ['', true, MySchedule];
  return (
    <>
      <PageHeader title={t('nav.crew')} />
      <ScreenTabs
        value={tab}
        tabs={shown.map(([key]) => ({ key, label: t(`crew.${key}`) }))}
        onChoose={(next) => void navigate({ to: '.', search: { tab: next } })}
      >
        <Part />
      </ScreenTabs>
    </>
  );
}

/** Pay and, for managers, the rates. */
function Pay() {
  const may = useMay();
  return (
    <Stack>
      <CrewPay />
      {may('operations') && <RelatedRecords entity={payRates} filters={NO_FILTERS} />}
    </Stack>
  );
}

const NO_FILTERS: never[] = [];
