import { Button, Menu, Modal, Stack, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorAnswer } from '@/server/operator/operators';
import { DialogActions } from '../../ui/DialogActions';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange } from '../queries';
import { type Role, RoleSelect } from './RoleSelect';

/** A new password of an operator, shown once. */
export interface GivenPassword {
  operator: OperatorAnswer;
  password: string;
}

type Step = 'role' | 'reset' | 'remove';

/** Changes the role or status of an operator, resets or removes them. */
export function OperatorActions({
  operator,
  onGiven,
}: {
  operator: OperatorAnswer;
  onGiven: (given: GivenPassword) => void;
}) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>();
  const change = useOperatorChange(['operators']);
  const { id, status } = operator;
  const isActive = status === 'active';
  const close = () => setStep(undefined);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            size="compact-xs"
            variant="default"
            aria-label={t('operators.actionsFor', { name: operator.name })}
          >
            {t('operators.actions')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setStep('role')}>{t('operators.changeRole')}</Menu.Item>
          <Menu.Item onClick={() => setStep('reset')}>{t('operators.reset')}</Menu.Item>
          <Menu.Item
            onClick={() =>
              change.mutate({
                method: 'PATCH',
                path: `/operators/${id}`,
                body: { status: isActive ? 'disabled' : 'active' },
              })
            }
          >
            {t(isActive ? 'operators.disable' : 'operators.enable')}
          </Menu.Item>
          <Menu.Item color="red" onClick={() => setStep('remove')}>
            {t('operators.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {step === 'role' && <ChangeRole operator={operator} onClose={close} />}
      {step === 'reset' && <Reset operator={operator} onClose={close} onGiven={onGiven} />}
      {step === 'remove' && <Remove operator={operator} onClose={close} />}
    </>
  );
}

function ChangeRole({ operator, onClose }: { operator: OperatorAnswer; onClose: () => void }) {
  const { t } = useTranslation();
  const [role, setRole] = useState<Role>(operator.role ?? 'support');
  const change = useOperatorChange(['operators', 'self']);
  return (
    <Modal opened onClose={onClose} title={operator.name}>
      <Stack gap="sm">
        <RoleSelect value={role} onChange={setRole} />
        <Text size="sm">{t('operators.sessionsEnd')}</Text>
        <Command text={`marquee operator role ${operator.email} ${role}`} />
        <DialogActions
          label={t('save')}
          onCancel={onClose}
          onConfirm={() =>
            change.mutate(
              { method: 'PATCH', path: `/operators/${operator.id}`, body: { role } },
              { onSuccess: onClose },
            )
          }
          isPending={change.isPending}
        />
      </Stack>
    </Modal>
  );
}

function Reset({
  operator,
  onClose,
  onGiven,
}: {
  operator: OperatorAnswer;
  onClose: () => void;
  onGiven: (given: GivenPassword) => void;
}) {
  const { t } = useTranslation();
  const [secondFactor, setSecondFactor] = useState(false);
  const change = useOperatorChange<GivenPassword>(['operators']);
  const command = `marquee operator reset ${operator.email}${secondFactor ? ' --second-factor' : ''}`;
  return (
    <Modal opened onClose={onClose} title={t('operators.reset')}>
      <Stack gap="sm">
        <Text size="sm">{t('operators.resetText', { name: operator.name })}</Text>
        <Switch
          label={t('operators.resetFactor')}
          checked={secondFactor}
          onChange={(event) => setSecondFactor(event.currentTarget.checked)}
        />
        <Command text={command} />
        <DialogActions
          label={t('operators.reset')}
          onCancel={onClose}
          onConfirm={() =>
            change.mutate(
              { path: `/operators/${operator.id}/reset`, body: { secondFactor } },
              {
                onSuccess(given) {
                  onClose();
                  onGiven(given);
                },
              },
            )
          }
          isPending={change.isPending}
        />
      </Stack>
    </Modal>
  );
}

function Remove({ operator, onClose }: { operator: OperatorAnswer; onClose: () => void }) {
  const { t } = useTranslation();
  const change = useOperatorChange(['operators'], { showsFailure: true });
  const { id, email, name } = operator;
  return (
    <ConfirmByName
      title={t('operators.remove')}
      name={email}
      consequences={[
        t('operators.removing', { name }),
        t('operators.sessionsEnd'),
        t('operators.recordsStay'),
      ]}
      action={t('operators.remove')}
      isPending={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() =>
        change.mutate(
          { method: 'DELETE', path: `/operators/${id}?confirm=${encodeURIComponent(email)}` },
          { onSuccess: onClose },
        )
      }
    />
  );
}
