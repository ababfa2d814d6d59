import { Alert, Button, Group, Modal, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { CircleCheck, CircleX, Info } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { LinkTo } from '../../ui/LinkTo';
import { explain } from '../../ui/notify';
import today from '../today/Today.module.css';
import { Camera } from './Camera';
import { type FoundItem, findItem, type Handover, useHandover } from './handover';
import { readLabel } from './read-code';
import { useEarlyQuestion } from './use-check-out';

const MODES = ['look', 'out', 'in'] as const;

interface Line {
  key: number;
  tone: 'done' | 'refused' | 'info';
  title: string;
  text: string;
  item?: FoundItem;
  /** A further step: to continue anyway, or to undo. */
  action?: { label: string; run: () => Promise<void> };
}

/** Scans one item after another to look it up, check it out or check it in. @param held handovers that are known without a connection */
export function ScanItems({ held, onClose }: { held: readonly Handover[]; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { checkOut, undoCheckOut, checkIn } = useHandover();
  const earlyQuestion = useEarlyQuestion();
  const [mode, setMode] = useState<(typeof MODES)[number]>('look');
  const [typed, setTyped] = useState('');
  const [lines, setLines] = useState<Line[]>([]);
  const count = useRef(0);
  const say = (line: Omit<Line, 'key'>) => {
    count.current += 1;
    const key = count.current;
    setLines((before) => [{ ...line, key }, ...before].slice(0, 40));
  };

  const take = async (text: string) => {
    let item: FoundItem | null = null;
    try {
      item = await findItem(readLabel(text), format.today, held);
      if (!item) {
        say({ tone: 'refused', title: text, text: t('scan.unknown') });
        return;
      }
      const { handover } = item;
      const about = { title: item.name, item };
      const where = handover && [format.day(handover.date?.event_date), handover.event?.title].join(' · ');
      if (mode === 'look') {
        const state = handover?.status === 'checked_out' ? t('scan.isOut') : t('scan.goesOut');
        say({ ...about, tone: 'info', text: where ? `${state}: ${where}` : t('scan.nothingPlanned') });
      } else if (!handover) {
        say({ ...about, tone: 'refused', text: t('scan.nothingPlanned') });
      } else if (mode === 'out') {
        const out = async () => {
          const how = await checkOut(handover);
          const undo = async () => {
            await undoCheckOut(handover);
            say({ ...about, tone: 'done', text: t('checkOutEarly.undone', { name: item?.name }) });
          };
          say({
            ...about,
            tone: 'done',
            text: t(`scan.out${how === 'queued' ? 'Later' : ''}`, { where }),
            ...(how === 'sent' ? { action: { label: t('checkOutEarly.undo'), run: undo } } : {}),
          });
        };
        const question = earlyQuestion(handover);
        if (question === undefined) await out();
        else
          say({
            ...about,
            tone: 'info',
            text: question,
            action: { label: t('checkOutEarly.action'), run: out },
          });
      } else {
        const how = await checkIn(handover, { condition: 'good' });
        say({ ...about, tone: 'done', text: t(`scan.back.${how}`, { where }) });
      }
    } catch (error) {
      say({ tone: 'refused', title: item?.name ?? text, text: explain(error), ...(item ? { item } : {}) });
    }
  };

  /** Takes a line's further step, once. */
  const act = async (key: number, title: string, run: () => Promise<void>) => {
    setLines((before) =>
      before.map(({ action, ...line }) => (action && line.key !== key ? { ...line, action } : line)),
    );
    try {
      await run();
    } catch (error) {
      say({ tone: 'refused', title, text: explain(error) });
    }
  };

  return (
    <Modal opened onClose={onClose} title={t('scan.title')}>
      <Stack gap="sm">
        <SegmentedControl
          fullWidth
          value={mode}
          onChange={(next) => setMode(next as typeof mode)}
          data={MODES.map((value) => ({ value, label: t(`scan.modes.${value}`) }))}
          aria-label={t('scan.modes.label')}
        />
        <Camera purpose={mode} onFound={(text) => void take(text)} />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim()) void take(typed);
            setTyped('');
          }}
        >
          <Group gap="xs" wrap="nowrap">
            <TextInput
              flex={1}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              placeholder={t('scan.type')}
              aria-label={t('scan.type')}
            />
            <Button type="submit" variant="default">
              {t('scan.take')}
            </Button>
          </Group>
        </form>
        <div role="log" aria-live="polite">
          {lines.length === 0 && (
            <Alert color="gray" icon={<Info size={16} />}>
              {t('scan.hint')}
            </Alert>
          )}
          {lines.map(({ key, tone, title, text, item, action }) => (
            <div key={key} className={today.row} data-tone={tone} style={{ paddingInline: 4 }}>
              {tone === 'done' && <CircleCheck size={20} color="var(--mantine-color-green-6)" aria-hidden />}
              {tone === 'refused' && <CircleX size={20} color="var(--mantine-color-red-6)" aria-hidden />}
              {tone === 'info' && <Info size={20} color="var(--mantine-color-blue-6)" aria-hidden />}
              <span className={today.text}>
                <span className={today.title}>
                  {item ? (
                    <LinkTo
                      to={`/inventory/${item.table === 'booths' ? 'booths' : 'equipment'}/${item.id}`}
                      onClick={onClose}
                      inherit
                    >
                      {title}
                    </LinkTo>
                  ) : (
                    title
                  )}
                </span>
                <Text size="sm" c="dimmed" style={{ whiteSpace: 'normal' }}>
                  {text}
                </Text>
              </span>
              {action && (
                <Button size="compact-sm" variant="default" onClick={() => void act(key, title, action.run)}>
                  {action.label}
                </Button>
              )}
            </div>
          ))}
        </div>
      </Stack>
    </Modal>
  );
}
