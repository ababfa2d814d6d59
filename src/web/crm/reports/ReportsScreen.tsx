import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { periodBefore } from '../../hooks/period';
import { useMay } from '../../hooks/roles';
import { useScreenSearch } from '../../hooks/screen-search';
import { PageHeader } from '../../ui/PageHeader';
import { PeriodSelect } from '../../ui/PeriodSelect';
import { NotAllowed } from '../../ui/RouteStates';
import { ScreenTabs } from '../../ui/ScreenTabs';
import { usePeriod } from '../../ui/use-period';
import { ConversionReport } from './ConversionReport';
import { ProfitReport } from './ProfitReport';
import { ReceivablesReport } from './ReceivablesReport';
import { RevenueReport } from './RevenueReport';
import { UtilisationReport } from './UtilisationReport';

const REPORTS = {
  revenue: RevenueReport,
  conversion: ConversionReport,
  utilisation: UtilisationReport,
  profit: ProfitReport,
  receivables: ReceivablesReport,
};

type ReportName = keyof typeof REPORTS;

/** Reports of one period, compared with the previous one. */
export function ReportsScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useScreenSearch();
  const [period, choose] = usePeriod('this-year');
  const before = periodBefore(period);
  const shown = (Object.keys(REPORTS) as ReportName[]).filter((key) => key !== 'profit' || may('money'));
  const name = shown.find((key) => key === search.tab) ?? 'revenue';
  const Report = REPORTS[name];
  if (!may('reports')) return <NotAllowed />;
  return (
    <>
      <PageHeader
        title={t('nav.reports')}
        subtitle={t('reports.comparedWith', {
          period: format.days(period.from, period.to),
          before: format.days(before.from, before.to),
        })}
        actions={<PeriodSelect period={period} onChoose={choose} />}
      />
      <ScreenTabs
        value={name}
        tabs={shown.map((key) => ({ key, label: t(`reports.tab.${key}`) }))}
        onChoose={(tab) => void navigate({ to: '.', search: { ...search, tab }, replace: true })}
      >
        <Report period={period} before={before} />
      </ScreenTabs>
    </>
  );
}
