import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorAnswer } from '@/server/operator/operators';
import { PageHeader } from '../../ui/PageHeader';
import { Panel } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State } from '../parts/State';
import { useMay, useOperatorQuery } from '../queries';
import { AddOperator } from './AddOperator';
import { type GivenPassword, OperatorActions } from './OperatorActions';
import type { Role } from './RoleSelect';

/** The operators, and what each role may do. */
export function OperatorsScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const [given, setGiven] = useState<GivenPassword>();
  const query = useOperatorQuery<{ operators: OperatorAnswer[]; permissions: Record<string, Role[]> }>(
    'operators',
    '/operators',
  );
  return (
    <>
      <PageHeader
        title={t('operators.title')}
        actions={
          may('operators.change') && <Button onClick={() => setAdding(true)}>{t('operators.add')}</Button>
        }
      />
      <QueryView query={query}>
        {({ operators, permissions }) => (
          <Stack gap="lg">
            <Rows
              label={t('operators.title')}
              rows={operators}
              keyOf={({ id }) => id}
              empty={null}
              columns={[
                {
                  label: t('operators.person'),
                  cell: ({ name, email }: OperatorAnswer) => (
                    <>
                      <Text size="sm" fw={550}>
                        {name}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {email}
                      </Text>
                    </>
                  ),
                },
                { label: t('operators.role'), cell: ({ role }) => role && t(`console.roles.${role}`) },
                {
                  label: t('operators.status'),
                  cell: ({ status, hasSecondFactor }) => (
                    <Group gap="xs">
                      <State tone={status === 'active' ? 'good' : 'neutral'}>
                        {t(status === 'active' ? 'operators.active' : 'operators.disabled')}
                      </State>
                      {!hasSecondFactor && <State tone="warning">{t('operators.noFactor')}</State>}
                    </Group>
                  ),
                },
                {
                  label: t('operators.lastSignIn'),
                  nowrap: true,
                  cell: (one) => <Ago at={one.lastSignInAt} />,
                },
                {
                  label: t('operators.actions'),
                  cell: (one) =>
                    may('operators.change') && <OperatorActions operator={one} onGiven={setGiven} />,
                },
              ]}
            />
            <Panel title={t('operators.permissions')}>
              <Rows
                label={t('operators.permissions')}
                rows={Object.entries(permissions)}
                keyOf={([name]) => name}
                empty={null}
                columns={[
                  {
                    label: t('operators.permission'),
                    cell: ([name]: [string, Role[]]) => <Code>{name}</Code>,
                  },
                  {
                    label: t('operators.role'),
                    cell: ([, roles]) => roles.map((role) => t(`console.roles.${role}`)).join(', '),
                  },
                ]}
              />
            </Panel>
          </Stack>
        )}
      </QueryView>
      <Command text="marquee operator list" />
      {isAdding && (
        <AddOperator
          onClose={() => setAdding(false)}
          onGiven={(made) => {
            setAdding(false);
            setGiven(made);
          }}
        />
      )}
      {given && (
        <Modal opened onClose={() => setGiven(undefined)} title={given.operator.name}>
          <Stack gap="sm">
            <Text size="sm">{t('operators.password', { name: given.operator.email })}</Text>
            <Code block tabIndex={0}>
              {given.password}
            </Code>
            <Group justify="flex-end">
              <Button onClick={() => setGiven(undefined)}>{t('close')}</Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </>
  );
}
