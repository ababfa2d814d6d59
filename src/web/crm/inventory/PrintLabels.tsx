import { Button, Menu, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { QrCode } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverAddress } from '../../hooks/page/address';
import { database, unwrap } from '../../hooks/request/database';

const SHEETS = ['a4-24', 'letter-30'] as const;

/** Labels of one PDF: the server makes no longer ones. */
const MOST_LABELS = 3000;

type Labelled = 'booths' | 'equipment';

/** URL of a PDF of labels. @param ids items to print; all if absent. @param part which 3,000 of them, from 1 */
function labels(of: Labelled, sheet: string, ids?: readonly string[], part?: number): string {
  const query = new URLSearchParams({ sheet, base: serverAddress('') });
  if (part) query.set('part', String(part));
  if (ids) query.set('ids', ids.join());
  return serverAddress(`/api/documents/labels/${of}/labels.pdf?${query}`);
}

/** Prints QR code labels on standard label sheets. */
export function PrintLabels({ of, ids }: { of: Labelled; ids?: readonly string[] }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const count = useLabelCount(of, opened && !ids) ?? 0;
  const parts =
    count > MOST_LABELS
      ? Array.from({ length: Math.ceil(count / MOST_LABELS) }, (_, index) => index + 1)
      : [undefined];
  return (
    <Menu position="bottom-end" shadow="md" opened={opened} onChange={setOpened}>
      <Menu.Target>
        <Button variant="default" aria-label={t('labels.print')} px={{ base: 10, sm: 18 }}>
          <QrCode size={15} aria-hidden />
          <Text span inherit visibleFrom="sm" ms={10}>
            {t('labels.print')}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {SHEETS.flatMap((sheet) =>
          parts.map((part) => (
            <Menu.Item
              key={`${sheet} ${part}`}
              component="a"
              href={labels(of, sheet, ids, part)}
              target="_blank"
            >
              {t(`labels.sheets.${sheet}`)}
              {part && ` · ${t('labels.part', { part, parts: parts.length })}`}
            </Menu.Item>
          )),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** How many items have labels. */
function useLabelCount(of: Labelled, enabled: boolean): number | undefined {
  const table = of === 'booths' ? 'booths' : 'equipment_items';
  const { data } = useQuery({
    queryKey: ['records', table, 'labels'],
    queryFn: async () => {
      const answer = await database
        .from(table)
        .select('id', { count: 'exact' })
        .neq('status', 'retired')
        .limit(1);
      unwrap(answer);
      return answer.count ?? 0;
    },
    enabled,
  });
  return data;
}
