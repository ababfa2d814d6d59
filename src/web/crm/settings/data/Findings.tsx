import { Group, List, Loader, Text, ThemeIcon } from '@mantine/core';
import { Check, TriangleAlert, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { LoginTestAnswer } from '@/server/api/company/login-test';
import { connectionTest } from '../../../i18n/de/connection-test';
import { useMessage } from '../../../i18n/use-message';

const LOOKS = {
  passed: { icon: Check, color: 'teal' },
  warning: { icon: TriangleAlert, color: 'yellow' },
  failed: { icon: X, color: 'red' },
} as const;

/** Each finding of the connection test, with what to do about it. */
export function Findings({ checks, isOld }: { checks: LoginTestAnswer['checks']; isOld: boolean }) {
  const { t, i18n } = useTranslation();
  const say = useMessage(connectionTest);
  return (
    <>
      <Group gap="xs" role="status">
        {isOld && <Loader size="xs" />}
        <Text size="sm" c="dimmed">
          {isOld
            ? t('companyData.testing')
            : t('companyData.found', {
                failed: checks.filter(({ outcome }) => outcome === 'failed').length,
                warnings: checks.filter(({ outcome }) => outcome === 'warning').length,
              })}
        </Text>
      </Group>
      <List spacing="xs" center={false} listStyleType="none" opacity={isOld ? 0.6 : 1}>
        {checks.map(({ name, outcome, code, message, hint, says }, index) => {
          const { icon: Icon, color } = LOOKS[outcome];
          return (
            <List.Item
              // biome-ignore lint/suspicious/noArrayIndexKey: several hosts have the same check
              key={index}
              icon={
                <ThemeIcon size={22} radius="xl" variant="light" color={color}>
                  <Icon size={14} aria-label={t(`companyData.outcome.${outcome}`)} />
                </ThemeIcon>
              }
            >
              <Text size="sm" fw={550}>
                {t(`companyData.check.${name}`, name)}
              </Text>
              {outcome !== 'passed' && (
                <Text size="sm">
                  {t(`companyData.fix.${code}`, { defaultValue: say(says?.hint, hint ?? '') })}
                </Text>
              )}
              {/* An error's message is there in English only; what to do is said above. */}
              {(says || i18n.language === 'en') && (
                <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {say(says?.message, message)}
                </Text>
              )}
            </List.Item>
          );
        })}
      </List>
    </>
  );
}
