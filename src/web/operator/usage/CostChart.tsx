import { BarChart } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { TenantCosts } from '@/server/operator/usage/tenant-cost';

/** What a tenant cost in each month, a chart for each currency. */
export default function CostChart({ months }: Pick<TenantCosts, 'months'>) {
  const { t } = useTranslation();
  return [...new Set(months.map(({ currency }) => currency))].map((currency) => (
    <figure key={currency} style={{ margin: 0 }}>
      <Text component="figcaption" size="sm" mb="xs">
        {currency}
      </Text>
      <BarChart
        h={170}
        type="stacked"
        dataKey="month"
        withLegend
        data={months
          .filter((one) => one.currency === currency)
          .map(({ month, own, common }) => ({ month, own: Number(own), common: Number(common) }))}
        series={[
          { name: 'own', label: t('usage.own'), color: 'blue.6' },
          { name: 'common', label: t('usage.common'), color: 'gray.5' },
        ]}
      />
    </figure>
  ));
}
