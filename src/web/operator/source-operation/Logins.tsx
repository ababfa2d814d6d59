import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorSourcePage } from '@/server/operator/sources/sources';
import { Panel } from '../../ui/Panel';
import { Command } from '../parts/Command';
import { useMay } from '../queries';
import { Tasks } from '../tasks/Tasks';
import { RotateLogins } from './RotateLogins';

/** The logins that Marquee uses at a data source, and their rotation. */
export function Logins({ source: { name, kind, oldLogins } }: { source: OperatorSourcePage }) {
  const { t } = useTranslation();
  const may = useMay()('secrets.rotate');
  const [isRotating, setRotating] = useState(false);
  const list = (logins: unknown) => (logins as string[]).join(', ') || t('sourceOperation.rotation.none');
  return (
    <>
      <Panel
        title={t('sources.page.logins')}
        aside={
          may &&
          kind !== 'supabase' && (
            <Button size="compact-sm" variant="default" onClick={() => setRotating(true)}>
              {t('sourceOperation.rotate')}
            </Button>
          )
        }
      >
        <Text size="sm">
          {oldLogins.length === 0
            ? t('sources.page.rotated')
            : t('sources.page.rotating', { logins: oldLogins.join(', ') })}
        </Text>
        <Command text={`marquee source rotate-password ${name}`} />
      </Panel>
      {kind !== 'supabase' && (
        <Tasks
          kinds={['sources.rotate']}
          subject={name}
          result={({ result }) =>
            result && (
              <Stack gap={2}>
                {t('sourceOperation.rotation.done', {
                  ...{ created: list(result.created), dropped: list(result.dropped) },
                  count: Number(result.tenants),
                })}
                {(result.remaining as string[]).length > 0 && (
                  <span>{t('sourceOperation.rotation.remaining', { logins: list(result.remaining) })}</span>
                )}
              </Stack>
            )
          }
        />
      )}
      {isRotating && <RotateLogins source={name} onClose={() => setRotating(false)} />}
    </>
  );
}
