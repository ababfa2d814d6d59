import { Button, Group, NumberInput, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HealthThresholdAnswer } from '@/server/operator/health/thresholds';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';

/** When a data source counts as degraded or unhealthy. */
export function Thresholds() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel
      title={t('sourceHealth.thresholds')}
      aside={
        <Button size="compact-xs" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? 'sourceHealth.hide' : 'sourceHealth.show')}
        </Button>
      }
    >
      {isOpen ? <List /> : <Text size="sm">{t('sourceHealth.thresholdsText')}</Text>}
    </Panel>
  );
}

function List() {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const say = useMessage();
  const may = useMay();
  const query = useOperatorQuery<{ thresholds: HealthThresholdAnswer[] }>('health', '/health-thresholds');
  return (
    <>
      <QueryView query={query}>
        {({ thresholds }) => (
          <Rows
            label={t('sourceHealth.thresholds')}
            rows={thresholds}
            keyOf={({ name, value }) => `${name} ${value}`}
            empty={null}
            columns={[
              { label: t('sourceHealth.threshold'), cell: ({ name }: HealthThresholdAnswer) => name },
              {
                ...{ label: t('sourceHealth.means'), isText: true },
                cell: ({ name, means }) => say({ code: `thresholds.${name}` }, means),
              },
              {
                label: t('sourceHealth.value'),
                cell: (one) =>
                  may('data_sources.change') ? <Edit threshold={one} /> : format.number(one.value),
              },
              { label: t('sourceHealth.default'), align: 'right', cell: (one) => format.number(one.default) },
            ]}
          />
        )}
      </QueryView>
      <Command text="marquee health thresholds" />
    </>
  );
}

function Edit({ threshold: { name, value, default: usual } }: { threshold: HealthThresholdAnswer }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<number | string>(value);
  const change = useOperatorChange(['health']);
  const set = (next: number | null) =>
    change.mutate({
      method: 'PUT',
      path: `/health-thresholds/${name}`,
      body: { value: next, expected: value },
    });
  return (
    <Group gap="xs" wrap="nowrap">
      <NumberInput
        size="xs"
        w={130}
        aria-label={name}
        value={typed}
        onChange={setTyped}
        onBlur={() => typed !== '' && Number(typed) !== value && set(Number(typed))}
      />
      {value !== usual && (
        <Button size="compact-xs" variant="subtle" onClick={() => set(null)}>
          {t('sourceHealth.reset')}
        </Button>
      )}
    </Group>
  );
}
