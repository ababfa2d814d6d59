import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { daysBetween, useFormat } from '../../hooks/format';
import { confirm } from '../../ui/confirm';
import { notifyDone } from '../../ui/notify';
import { type Handover, useHandover } from './handover';

/** Days before an event from which a check-out needs no question. */
const USUAL_DAYS = 2;

/** The question before a check-out for an event that is more than days away; undefined where none is needed. */
export function useEarlyQuestion(): (handover: Handover) => string | undefined {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ date, event }) => {
    if (!date) return undefined;
    const days = daysBetween(format.today, date.event_date);
    if (days <= USUAL_DAYS) return undefined;
    return t('checkOutEarly.text', {
      event: event?.title ?? '',
      date: format.date(date.event_date),
      when: format.fromToday(date.event_date),
    });
  };
}

/** Checks an item out: asks first if its event is far away, and can be undone. */
export function useCheckOut(handover: Handover) {
  const { t } = useTranslation();
  const { checkOut, undoCheckOut } = useHandover();
  const question = useEarlyQuestion()(handover);
  const name = handover.item?.name ?? '';
  const undo = useMutation({
    mutationFn: () => undoCheckOut(handover),
    onSuccess: () => notifyDone(t('checkOutEarly.undone', { name })),
  });
  const out = useMutation({
    mutationFn: () => checkOut(handover),
    onSuccess: (how) =>
      how === 'queued'
        ? notifyDone(t('inventory.isOutLater', { name }))
        : notifyDone(t('inventory.isOut', { name }), () => undo.mutate()),
  });
  const start = () => {
    if (question === undefined) out.mutate();
    else
      confirm({
        title: t('checkOutEarly.title', { name }),
        text: question,
        action: t('checkOutEarly.action'),
        onConfirm: () => out.mutate(),
      });
  };
  return { start, undo: undo.mutate, isPending: out.isPending || undo.isPending };
}
