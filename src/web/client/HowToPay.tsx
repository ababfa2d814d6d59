import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { HowToPay as Way } from '@/server/client/offer-schema';

/** How the company wants to be paid, in its own words. */
export function HowToPay({ howToPay: { instructions, online } }: { howToPay: Way }) {
  const { t } = useTranslation();
  if (!instructions && online) return null;
  return (
    <Text size="sm" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
      {instructions || t('client.askHowToPay')}
    </Text>
  );
}
