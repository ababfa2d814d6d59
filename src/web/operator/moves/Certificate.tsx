import { Button, Code, Group, Table, Text } from '@mantine/core';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MoveAnswer } from '@/server/operator/moves/answers';
import { serverAddress } from '../../hooks/page/address';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { useOperatorQuery } from '../queries';

interface Signed {
  certificate: {
    rows: number;
    pauseMs: number | null;
    cutOverAt: string;
    tables: { table: string; rows: number; digest: string }[];
  };
  signature: string;
}

/** The signed proof that no row was lost; the server has checked its signature. */
export function Certificate({ move }: { move: MoveAnswer }) {
  const { t } = useTranslation();
  const [isShown, setShown] = useState(false);
  return (
    <Panel
      title={t('moves.certificate.title')}
      aside={
        <Group gap="xs">
          {!isShown && (
            <Button size="compact-sm" variant="default" onClick={() => setShown(true)}>
              {t('moves.certificate.show')}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="default"
            component="a"
            href={serverAddress(`/api/operator/moves/${move.id}/certificate`)}
            download={`move-${move.id}.json`}
            leftSection={<Download size={14} />}
          >
            {t('moves.certificate.download')}
          </Button>
        </Group>
      }
    >
      {isShown && <Content move={move} />}
      <Command text={`marquee move certificate ${move.id}`} />
    </Panel>
  );
}

function Content({ move }: { move: MoveAnswer }) {
  const { t } = useTranslation();
  const { number, second } = useConsoleFormat();
  const query = useOperatorQuery<Signed>('moves', `/moves/${move.id}/certificate`);
  return (
    <QueryView query={query}>
      {({ certificate: { rows, pauseMs, cutOverAt, tables }, signature }) => (
        <>
          <Text size="sm" mb="sm">
            {t('moves.certificate.text', {
              ...{ rows: number(rows), tenant: move.tenant, at: second(cutOverAt) },
              ms: pauseMs === null ? '–' : number(pauseMs),
            })}
          </Text>
          <Table.ScrollContainer minWidth={300} mah={280}>
            <Table>
              <Table.Tbody>
                {tables
                  .filter((table) => table.rows > 0)
                  .map(({ table, rows: count, digest }) => (
                    <Table.Tr key={table}>
                      <Table.Td>{table}</Table.Td>
                      <Table.Td ta="right">{number(count)}</Table.Td>
                      <Table.Td>
                        <Code>{digest.slice(0, 16)}</Code>
                      </Table.Td>
                    </Table.Tr>
                  ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          <Text size="xs" c="dimmed" mt="sm" style={{ overflowWrap: 'anywhere' }}>
            {t('moves.certificate.signature')}: {signature}
          </Text>
        </>
      )}
    </QueryView>
  );
}
