import { ActionIcon, Alert } from '@mantine/core';
import { Flashlight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Inventory.module.css';
import { createCodeReader } from './read-code';

const LOOK_MS = 150;
/** A code that stays in view is not reported again within this time, ms. */
const SAME_CODE_MS = 2500;

/**
 * Camera preview that reports the codes it reads. @param purpose a change resets the detection, so the code in view is reported
 * again
 */
export function Camera({ purpose, onFound }: { purpose: string; onFound: (text: string) => void }) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const found = useRef(onFound);
  found.current = onFound;
  const currentPurpose = useRef(purpose);
  currentPurpose.current = purpose;
  const [failed, setFailed] = useState(false);
  const [light, setLight] = useState<MediaStreamTrack>();
  const [lit, setLit] = useState(false);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let closed = false;
    let last = { text: '', at: 0, purpose: '' };
    const stop = () => {
      clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    const start = async () => {
      const [read, opened] = await Promise.all([
        createCodeReader(),
        navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } }),
      ]);
      stream = opened;
      if (closed || !video.current) return stop();
      video.current.srcObject = stream;
      await video.current.play();
      const [track] = stream.getVideoTracks();
      if (track && 'torch' in track.getCapabilities()) setLight(track);
      const look = async () => {
        if (closed || !video.current) return;
        const text = await read(video.current);
        const now = { at: Date.now(), purpose: currentPurpose.current };
        const same = text === last.text && now.purpose === last.purpose && now.at - last.at < SAME_CODE_MS;
        if (text && !closed && !same) {
          navigator.vibrate?.(60);
          found.current(text);
        }
        if (text) last = { text, ...now };
        timer = setTimeout(look, LOOK_MS);
      };
      void look();
    };
    start().catch(() => {
      if (!closed) setFailed(true);
    });
    return () => {
      closed = true;
      stop();
    };
  }, []);
  if (failed) return <Alert color="orange">{t('scan.noCamera')}</Alert>;
  return (
    <div className={classes.camera}>
      <video ref={video} muted playsInline aria-label={t('scan.picture')} />
      <div className={classes.frame} aria-hidden />
      {light && (
        <ActionIcon
          className={classes.light}
          size="lg"
          variant={lit ? 'filled' : 'white'}
          aria-label={t('scan.light')}
          aria-pressed={lit}
          onClick={() => {
            void light.applyConstraints({ advanced: [{ torch: !lit } as MediaTrackConstraintSet] });
            setLit(!lit);
          }}
        >
          <Flashlight size={18} />
        </ActionIcon>
      )}
    </div>
  );
}
