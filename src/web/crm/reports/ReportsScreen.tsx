import '@mantine/charts/styles.css';
import { BarChart, DonutChart } from '@mantine/charts';
import { Button, Group, SimpleGrid, Table } from '@mantine/core';
import { Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useSettings } from '../../hooks/settings';
import { PageHeader } from '../../ui/PageHeader';
import { Lines, Panel } from '../../ui/Panel';
import { StatCard } from '../../ui/StatCard';
import { saveFile } from '../../ui/save-file';
import { useReports } from './use-reports';

const SLICES = ['marquee.7', 'pink.7', 'teal.7', 'orange.7', 'blue.7', 'grape.7', 'gray.6'];

/** Revenue, conversion, receivables and use of booths over the last twelve months. */
export function ReportsScreen() {
  const { t } = useTranslation();
  const format = useFormat();
  const { settings } = useSettings();
  const reports = useReports();
  const { months, receivables, sources, boothUse, won, lost, isPending } = reports;
  const invoiced = months.reduce((sum, month) => sum + month.invoiced, 0);
  const paid = months.reduce((sum, month) => sum + month.paid, 0);
  const money = (value: number) => format.moneyCompact(value);
  const stages = settings.pipeline.stages.filter(({ kind }) => kind === 'open');
  const save = async () => {
    const { default: papa } = await import('papaparse');
    const rows = months.map(({ key, invoiced: billed, paid: received }) => ({
      month: key,
      invoiced: billed / format.scale,
      paid: received / format.scale,
    }));
    saveFile('revenue.csv', papa.unparse(rows), 'text/csv;charset=utf-8');
  };
  return (
    <>
      <PageHeader
        title={t('nav.reports')}
        subtitle={t('reports.period')}
        actions={
          <Button variant="default" leftSection={<Download size={15} />} onClick={() => void save()}>
            {t('list.export')}
          </Button>
        }
      />
      <SimpleGrid cols={{ base: 2, md: 4 }} mb="md">
        <StatCard label={t('reports.invoiced')} value={isPending ? undefined : format.moneyRound(invoiced)} />
        <StatCard label={t('reports.received')} value={isPending ? undefined : format.moneyRound(paid)} />
        <StatCard
          label={t('reports.conversion')}
          value={isPending ? undefined : `${won + lost > 0 ? Math.round((100 * won) / (won + lost)) : 0} %`}
          note={t('reports.wonLost', { won, lost })}
        />
        <StatCard
          label={t('reports.average')}
          value={isPending ? undefined : format.moneyRound(won > 0 ? reports.wonAmount / won : 0)}
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Panel title={t('reports.revenue')}>
          {isPending ? (
            <Lines />
          ) : (
            <BarChart
              h={280}
              data={months}
              dataKey="label"
              withLegend
              valueFormatter={money}
              series={[
                { name: 'invoiced', label: t('reports.invoiced'), color: 'marquee.7' },
                { name: 'paid', label: t('reports.received'), color: 'teal.6' },
              ]}
            />
          )}
        </Panel>
        <Panel title={t('reports.receivables')}>
          {isPending ? (
            <Lines />
          ) : (
            <BarChart
              h={280}
              data={receivables.map(({ key, amount }) => ({ label: t(`reports.age.${key}`), amount }))}
              dataKey="label"
              valueFormatter={money}
              series={[{ name: 'amount', label: t('field.balance'), color: 'orange.7' }]}
            />
          )}
        </Panel>
        <Panel title={t('reports.sources')}>
          {isPending ? (
            <Lines />
          ) : (
            <Group justify="center" gap="xl">
              <DonutChart
                size={180}
                thickness={26}
                data={sources.map(({ name, value }, index) => ({
                  name,
                  value,
                  color: SLICES[index % SLICES.length] ?? 'gray.6',
                }))}
              />
              <Table w="auto" withRowBorders={false} verticalSpacing={4}>
                <Table.Tbody>
                  {sources.map(({ name, value, wonShare }, index) => (
                    <Table.Tr key={name}>
                      <Table.Td>
                        <span
                          style={{
                            display: 'inline-block',
                            width: 10,
                            height: 10,
                            borderRadius: 3,
                            marginRight: 8,
                            background: `var(--mantine-color-${(SLICES[index % SLICES.length] ?? 'gray.6').replace('.', '-')})`,
                          }}
                        />
                        {name}
                      </Table.Td>
                      <Table.Td ta="end">{value}</Table.Td>
                      <Table.Td ta="end" c="dimmed">
                        {t('reports.wonShare', { share: Math.round(wonShare * 100) })}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Group>
          )}
        </Panel>
        <Panel title={t('reports.boothUse')}>
          {isPending ? (
            <Lines />
          ) : (
            <BarChart
              h={280}
              data={boothUse}
              dataKey="name"
              orientation="vertical"
              yAxisProps={{ width: 110 }}
              series={[{ name: 'events', label: t('nav.events'), color: 'blue.7' }]}
            />
          )}
        </Panel>
        <Panel title={t('reports.forecast')}>
          <Table>
            <Table.Tbody>
              {stages.map(({ key, name, probability }) => {
                const amount = reports.openByStage.get(key) ?? 0;
                return (
                  <Table.Tr key={key}>
                    <Table.Td>{name}</Table.Td>
                    <Table.Td ta="end" className="numeric">
                      {format.moneyRound(amount)}
                    </Table.Td>
                    <Table.Td ta="end" c="dimmed">
                      {probability} %
                    </Table.Td>
                    <Table.Td ta="end" className="numeric" fw={600}>
                      {format.moneyRound((amount * probability) / 100)}
                    </Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </Panel>
      </SimpleGrid>
    </>
  );
}
