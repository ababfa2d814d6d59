import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../hooks/roles';
import { notifyDone } from '../../ui/notify';
import { CheckIn } from './CheckIn';
import { type Handover, useHandover } from './handover';

/** Checks a reserved item out, or checks it in and asks for its condition. */
export function HandoverButton({ handover, size = 'xs' }: { handover: Handover; size?: 'xs' | 'md' }) {
  const { t } = useTranslation();
  const may = useMay();
  const { checkOut } = useHandover();
  const [opened, { open, close }] = useDisclosure();
  const out = useMutation({
    mutationFn: () => checkOut(handover),
    onSuccess: () => notifyDone(t('inventory.isOut', { name: handover.thing?.name })),
  });
  if (!may('checkout')) return null;
  if (handover.status === 'reserved') {
    return (
      <Button size={size} variant="light" onClick={() => out.mutate()} loading={out.isPending}>
        {t('inventory.checkOut')}
      </Button>
    );
  }
  if (handover.status !== 'checked_out') return null;
  return (
    <>
      <Button size={size} variant="default" onClick={open}>
        {t('inventory.checkIn')}
      </Button>
      {opened && <CheckIn handover={handover} onClose={close} />}
    </>
  );
}
