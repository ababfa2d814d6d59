import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../hooks/session/roles';
import { CheckIn } from './CheckIn';
import type { Handover } from './handover';
import { useCheckOut } from './use-check-out';

/** Checks a reserved item out, or checks it in and asks for its condition. A check-out can be undone. */
export function HandoverButton({ handover, size = 'xs' }: { handover: Handover; size?: 'xs' | 'md' }) {
  const { t } = useTranslation();
  const may = useMay();
  const out = useCheckOut(handover);
  const [opened, { open, close }] = useDisclosure();
  if (!may('checkout')) return null;
  if (handover.status === 'reserved') {
    return (
      <Button size={size} variant="light" onClick={out.start} loading={out.isPending}>
        {t('inventory.checkOut')}
      </Button>
    );
  }
  if (handover.status !== 'checked_out') return null;
  return (
    <Group gap={6} wrap="nowrap">
      <Button size={size} variant="default" onClick={open}>
        {t('inventory.checkIn')}
      </Button>
      <Button size={size} variant="subtle" color="gray" onClick={() => out.undo()} loading={out.isPending}>
        {t('checkOutEarly.undo')}
      </Button>
      {opened && <CheckIn handover={handover} onClose={close} />}
    </Group>
  );
}
