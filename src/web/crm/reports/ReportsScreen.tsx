import { Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { comparisonOf } from '../../hooks/dates/period';
import { useFormat } from '../../hooks/format';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { useAsOf } from '../../hooks/request/as-of';
import { useMay } from '../../hooks/session/roles';
import { PageHeader } from '../../ui/PageHeader';
import { PeriodSelect } from '../../ui/PeriodSelect';
import { NotAllowed } from '../../ui/RouteStates';
import { ScreenTabs } from '../../ui/ScreenTabs';
import { usePeriod } from '../../ui/use-period';
import { SampleNotice } from '../setup/SampleNotice';
import { ConversionReport } from './ConversionReport';
import { ProfitReport } from './ProfitReport';
import { ReceivablesReport } from './ReceivablesReport';
import { RevenueReport } from './RevenueReport';
import { SalesTaxReport } from './SalesTaxReport';
import { UtilizationReport } from './UtilizationReport';

const REPORTS = {
  revenue: RevenueReport,
  conversion: ConversionReport,
  utilisation: UtilizationReport,
  profit: ProfitReport,
  receivables: ReceivablesReport,
  salesTax: SalesTaxReport,
};

type ReportName = keyof typeof REPORTS;

/** Reports of one period, compared with the previous one. */
export function ReportsScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useScreenSearch();
  const asOf = useAsOf();
  const [period, choose] = usePeriod('this-year');
  const comparison = comparisonOf(period, format.today);
  const shown = (Object.keys(REPORTS) as ReportName[]).filter((key) => key !== 'profit' || may('money'));
  const name = shown.find((key) => key === search.tab) ?? 'revenue';
  const Report = REPORTS[name];
  if (!may('reports')) return <NotAllowed />;
  return (
    <>
      <PageHeader
        title={t('nav.reports')}
        subtitle={t(comparison.now === period ? 'reports.comparedWith' : 'reports.comparedToDate', {
          period: format.days(period.from, period.to),
          now: format.days(comparison.now.from, comparison.now.to),
          before: format.days(comparison.before.from, comparison.before.to),
        })}
        badge={
          asOf && (
            <Text size="sm" c="dimmed">
              {t('reports.asOf', { time: format.moment(asOf) })}
            </Text>
          )
        }
        actions={<PeriodSelect period={period} onChoose={choose} />}
      />
      <SampleNotice />
      <ScreenTabs
        value={name}
        tabs={shown.map((key) => ({ key, label: t(`reports.tab.${key}`) }))}
        onChoose={(tab) => void navigate({ to: '.', search: { ...search, tab }, replace: true })}
      >
        <Report period={period} comparison={comparison} />
      </ScreenTabs>
    </>
  );
}
