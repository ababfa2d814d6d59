import { List, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { State, type Tone } from '../parts/State';
import type { LoginTest } from './connection-test';

const TONES: Record<LoginTest['checks'][number]['outcome'], Tone> = {
  passed: 'good',
  warning: 'warning',
  failed: 'bad',
};

/** What is wrong with a connection, each with what to do about it; passed checks are left out unless all passed. */
export function TestFindings({ test, title }: { test: LoginTest; title?: string }) {
  const { t } = useTranslation();
  const wrong = test.checks.filter(({ outcome }) => outcome !== 'passed');
  return (
    <Stack gap={6} role="status">
      {title && (
        <Text size="sm" fw={600}>
          {title}
        </Text>
      )}
      {wrong.length === 0 && <Text size="sm">{t('sources.add.fine')}</Text>}
      <List size="sm" spacing={6} listStyleType="none">
        {wrong.map(({ name, outcome, message, hint }) => (
          <List.Item key={`${name} ${message}`}>
            <State tone={TONES[outcome]}>{t(`sources.add.outcomes.${outcome}`)}</State> {message}
            {hint && (
              <Text size="sm" c="dimmed">
                {t('sources.add.fix', { hint })}
              </Text>
            )}
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
