import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { HistoryIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { TableName } from '../../hooks/request/query';
import type { AnyRow } from '../records/entity';
import { hasHistory } from './change-kinds';
import { History } from './History';

/** The history of a record without a page, below its form: loaded when it is opened. */
export function HistoryBelow({ kind, record }: { kind: TableName; record: AnyRow }) {
  const { t } = useTranslation();
  const [isOpen, { toggle }] = useDisclosure();
  if (!hasHistory(kind)) return null;
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        leftSection={<HistoryIcon size={15} />}
        aria-expanded={isOpen}
        onClick={toggle}
      >
        {t('history.title')}
      </Button>
      {isOpen && <History kind={kind} record={record} />}
    </>
  );
}
