import { Button, Menu, Text } from '@mantine/core';
import { QrCode } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { serverAddress } from '../../hooks/address';

const SHEETS = ['a4-24', 'letter-30'] as const;

/** URL of a PDF of labels. @param ids items to print; all if absent */
function labels(of: 'booths' | 'equipment', sheet: string, ids?: readonly string[]): string {
  const query = new URLSearchParams({ sheet, base: serverAddress('') });
  if (ids) query.set('ids', ids.join());
  return serverAddress(`/api/documents/labels/${of}/labels.pdf?${query}`);
}

/** Prints QR code labels on standard label sheets. */
export function PrintLabels({ of, ids }: { of: 'booths' | 'equipment'; ids?: readonly string[] }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" aria-label={t('labels.print')} px={{ base: 10, sm: 18 }}>
          <QrCode size={15} aria-hidden />
          <Text span inherit visibleFrom="sm" ms={10}>
            {t('labels.print')}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {SHEETS.map((sheet) => (
          <Menu.Item key={sheet} component="a" href={labels(of, sheet, ids)} target="_blank">
            {t(`labels.sheets.${sheet}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
