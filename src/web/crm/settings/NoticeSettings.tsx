import { Stack, Switch, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useRpc } from '../../hooks/records/changes';
import { useAnswer } from '../../hooks/records/functions';
import { Lines, Panel } from '../../ui/Panel';
import { NOTICE_KINDS } from '../notices/notices';

/** Which notices the signed-in user also gets by mail. */
export function NoticeSettings() {
  const { t } = useTranslation();
  const { data, isPending } = useAnswer<'notices_without_mail', string[]>('notices_without_mail', {});
  const set = useRpc('notices_without_mail');
  const without = (set.isPending ? set.variables?.kinds : undefined) ?? data ?? [];
  return (
    <Panel title={t('settings.notices.title')}>
      {isPending ? (
        <Lines />
      ) : (
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {t('notices.settingsText')}
          </Text>
          {NOTICE_KINDS.map((kind) => (
            <Switch
              key={kind}
              label={t(`notices.kind.${kind}`)}
              checked={!without.includes(kind)}
              disabled={set.isPending}
              onChange={(event) =>
                set.mutate({
                  kinds: event.target.checked ? without.filter((one) => one !== kind) : [...without, kind],
                })
              }
            />
          ))}
        </Stack>
      )}
    </Panel>
  );
}
