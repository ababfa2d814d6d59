import { BarChart } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CostMonths } from '@/server/operator/usage/cost';

/** A chart for each currency: what tenants, shared parts and idle parts cost in each month. */
export default function MonthsChart({ months }: CostMonths) {
  const { t } = useTranslation();
  return (
    <Stack>
      {[...new Set(months.map(({ currency }) => currency))].map((currency) => (
        <div key={currency}>
          <Text size="sm" mb="xs">
            {currency}
          </Text>
          <BarChart
            h={220}
            type="stacked"
            dataKey="month"
            withLegend
            data={months
              .filter((one) => one.currency === currency)
              .map(({ month, tenants, shared, idle }) => ({
                month,
                ...{ tenants: Number(tenants), shared: Number(shared), idle: Number(idle) },
              }))}
            series={[
              { name: 'tenants', label: t('cost.tenants'), color: 'blue.6' },
              { name: 'shared', label: t('cost.shared'), color: 'teal.6' },
              { name: 'idle', label: t('cost.idle'), color: 'gray.5' },
            ]}
          />
        </div>
      ))}
    </Stack>
  );
}
