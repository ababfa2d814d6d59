import { Button, Code, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SigningKeyAnswer } from '@/server/operator/keys';
import { Panel } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';

const PURPOSES = ['certificates', 'checkpoints'] as const satisfies SigningKeyAnswer['purpose'][];

/** The keys that sign certificates of moves and checkpoints of the audit log. */
export function SigningKeys() {
  const { t } = useTranslation();
  const may = useMay();
  const query = useOperatorQuery<{ keys: SigningKeyAnswer[] }>('keys', '/keys/signing');
  const change = useOperatorChange(['keys', 'audit']);
  return (
    <Panel title={t('secretKeys.signing.title')}>
      <Text size="sm" mb="sm">
        {t('secretKeys.signing.text')}
      </Text>
      {may('secrets.rotate') && (
        <Group gap="xs" mb="sm">
          {PURPOSES.map((purpose) => (
            <Button
              key={purpose}
              size="compact-sm"
              variant="default"
              loading={change.isPending}
              onClick={() => change.mutate({ path: `/keys/signing/${purpose}/rotate` })}
            >
              {t(`secretKeys.signing.rotate.${purpose}`)}
            </Button>
          ))}
        </Group>
      )}
      <QueryView query={query}>
        {({ keys }) => (
          <Rows
            label={t('secretKeys.signing.title')}
            rows={keys}
            keyOf={({ id }) => id}
            empty={<Text size="sm">{t('secretKeys.signing.none')}</Text>}
            columns={[
              { label: t('secretKeys.key'), cell: ({ id }: SigningKeyAnswer) => <Code>{id}</Code> },
              {
                label: t('secretKeys.signing.signs'),
                cell: ({ purpose }) => t(`secretKeys.signing.${purpose}`),
              },
              {
                label: t('secretKeys.state'),
                cell: ({ state }) => (
                  <State tone={state === 'signs' ? 'good' : 'neutral'}>
                    {t(`secretKeys.tokens.${state}`)}
                  </State>
                ),
              },
              {
                ...{ label: t('secretKeys.signing.made'), nowrap: true },
                cell: ({ createdAt }) => <Ago at={createdAt} />,
              },
            ]}
          />
        )}
      </QueryView>
      <Command text="marquee signing-keys status" />
    </Panel>
  );
}
