import { Alert, Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MoveAnswer } from '@/server/operator/moves/answers';
import type { MoveCommandBody } from '@/server/operator/moves/moves';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useMay, useOperatorChange } from '../queries';

type Command = MoveCommandBody['command'];
type Dangerous = Exclude<Command, 'run' | 'pause'>;

/** What can be done with a move now: the likeliest first. */
export function MoveCommands({ move }: { move: MoveAnswer }) {
  const { t } = useTranslation();
  const may = useMay();
  const [asked, setAsked] = useState<Dangerous>();
  const change = useOperatorChange<MoveAnswer, MoveCommandBody>(['moves']);
  if (!may('moves.change')) return null;
  const shown = [...new Set<Command>([...move.remedyCommands, ...move.commands])].sort(
    (one, other) => ORDER.indexOf(one) - ORDER.indexOf(other),
  );
  const give = (command: Command) => {
    if (command !== 'run' && command !== 'pause') return setAsked(command);
    change.mutate({ path: `/moves/${move.id}/commands`, body: { command, seen: move.wanted } });
  };
  return (
    <>
      {shown.map((command) => (
        <Button
          key={command}
          variant={command === 'cut_over' ? 'filled' : 'default'}
          loading={change.isPending && change.variables?.body?.command === command}
          onClick={() => give(command)}
        >
          {t(`moves.commands.${command}`)}
        </Button>
      ))}
      {asked && <Confirm move={move} command={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

const ORDER: Command[] = ['cut_over', 'run', 'complete', 'rollback', 'pause', 'abort'];

function Confirm({ move, command, onClose }: { move: MoveAnswer; command: Dangerous; onClose: () => void }) {
  const { t } = useTranslation();
  // What the person decides upon is the move as it was when the dialog opened.
  const [seen] = useState(move.wanted);
  const [isDespite, setDespite] = useState(false);
  const [isLost, setLost] = useState(false);
  const change = useOperatorChange<MoveAnswer, MoveCommandBody>(['moves'], { showsFailure: true });
  const meanwhile = move.wanted === seen ? undefined : move.events.findLast((event) => event.command);
  const place = command === 'abort' ? 'target' : 'source';
  const canBeLost = (command === 'abort' || command === 'complete') && move.error !== null;
  const doubt =
    (command === 'cut_over' && move.remedy === 'check_target' && 'despiteShadowReads') ||
    (command === 'complete' && move.remedy === 'verify' && 'despiteDifferences') ||
    undefined;
  const words = { ...move, limit: move.pauseLimitMs, hours: move.pauseLimitMs / 3_600_000 };
  const sentences = command === 'cut_over' && move.mode === 'offline' ? 'cut_over_offline' : command;
  return (
    <ConfirmByName
      title={t(`moves.commands.${command}`)}
      name={move.tenant}
      action={t(`moves.commands.${command}`)}
      consequences={(['a', 'b'] as const).map((part) => t(`moves.consequences.${sentences}.${part}`, words))}
      isPending={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() =>
        change.mutate(
          {
            path: `/moves/${move.id}/commands`,
            body: {
              ...{ command, seen, confirm: move.tenant },
              ...(doubt && isDespite ? { [doubt]: true } : {}),
              ...(isLost ? { forget: place } : {}),
            },
          },
          { onSuccess: onClose },
        )
      }
    >
      {meanwhile?.command && (
        <Alert color="yellow" role="alert">
          {t('moves.meanwhile', { by: meanwhile.by, command: t(`moves.commands.${meanwhile.command}`) })}
        </Alert>
      )}
      {doubt && (
        <Checkbox
          label={t(`moves.${doubt}`)}
          checked={isDespite}
          onChange={(event) => setDespite(event.currentTarget.checked)}
        />
      )}
      {canBeLost && (
        <Checkbox
          label={t('moves.lost', { place: t(`moves.${place}`) })}
          checked={isLost}
          onChange={(event) => setLost(event.currentTarget.checked)}
        />
      )}
    </ConfirmByName>
  );
}
