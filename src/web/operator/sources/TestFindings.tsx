import { List, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { LoginTestAnswer } from '@/server/api/company/login-test';
import { State, type Tone } from '../parts/State';
import { useMessage } from '../server-messages/use-message';

type Check = LoginTestAnswer['checks'][number];

const TONES: Record<Check['outcome'], Tone> = {
  passed: 'good',
  warning: 'warning',
  failed: 'bad',
};

/** What is wrong with a connection, each with what to do about it; passed checks are left out unless all passed. */
export function TestFindings({ test, title }: { test: LoginTestAnswer; title?: string }) {
  const { t } = useTranslation();
  const wordsOf = useWordsOf();
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
        {wrong.map((check) => {
          const { message, hint } = wordsOf(check);
          return (
            <List.Item key={`${check.name} ${check.message}`}>
              <State tone={TONES[check.outcome]}>{t(`sources.add.outcomes.${check.outcome}`)}</State>{' '}
              {message}
              {hint && (
                <Text size="sm" c="dimmed">
                  {t('sources.add.fix', { hint })}
                </Text>
              )}
            </List.Item>
          );
        })}
      </List>
    </Stack>
  );
}

/** Message and hint of a check. Those of an error are said by its code: a language's own sentence has the hint in it. */
function useWordsOf() {
  const { t } = useTranslation();
  const say = useMessage();
  return ({ code, message, hint, says }: Check) => {
    if (says) return { message: say(says.message, message), hint: hint && say(says.hint, hint) };
    const own = t(`serverMessages.failures.${code}`, { message, defaultValue: '' });
    return own ? { message: own } : { message, hint };
  };
}
