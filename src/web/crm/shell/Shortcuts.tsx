import { Group, Kbd, Modal, Stack, Table, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSignedIn } from '../../hooks/session/session';
import { navigation } from './navigation';

/** What `⌘` is on this keyboard. */
const MOD = /mac|iphone|ipad/i.test(navigator.platform) ? '⌘' : 'Ctrl';

/** The keyboard shortcuts, opened with `?`. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const screens = navigation
    .flatMap(({ items }) => items)
    .filter(({ letter, hiddenFrom }) => letter && !hiddenFrom?.includes(user.role));
  const general: [keys: string[], does: string][] = [
    [['n'], t('shortcuts.new')],
    [['/'], t('shortcuts.searchList')],
    [[MOD, 'K'], t('shortcuts.search')],
    [[MOD, 'Enter'], t('shortcuts.save')],
    [['Esc'], t('shortcuts.close')],
    [['?'], t('shortcuts.help')],
  ];
  return (
    <Modal opened onClose={onClose} title={t('shortcuts.title')} size="lg">
      <Stack gap="lg">
        <Keys rows={general} />
        <div>
          <Title order={3} fz="sm" mb="xs">
            {t('shortcuts.goTo')}
          </Title>
          <Keys rows={screens.map(({ key, letter }) => [['g', String(letter)], t(`nav.${key}`)])} />
        </div>
      </Stack>
    </Modal>
  );
}

function Keys({ rows }: { rows: readonly (readonly [keys: readonly string[], does: string])[] }) {
  return (
    <Table verticalSpacing={6}>
      <Table.Tbody>
        {rows.map(([keys, does]) => (
          <Table.Tr key={does}>
            <Table.Th scope="row" fw={400}>
              {does}
            </Table.Th>
            <Table.Td>
              <Group gap={4} justify="flex-end" wrap="nowrap">
                {keys.map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </Group>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
