'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode, RefObject } from 'react';
import type { AlertDetail } from '@weir/contracts';
import { alertPath } from '../../../act/decide';
import { toast } from '../../../act/toasts';
import { request } from '../../../api/request';
import { NoteForm } from '../../../act/note-form';
import { StoryList } from '../../../act/story-list';

/** What happened to the alert, newest first, and a place for a note. */
export function Activity({ detail, noteRef }: { readonly detail: AlertDetail; readonly noteRef: RefObject<HTMLTextAreaElement | null> }): ReactNode {
  const queries = useQueryClient();
  const { id } = detail.row;
  const add = useMutation({
    mutationFn: (text: string) => request(alertPath(id, '/notes'), { method: 'POST', body: { text } }),
    onSuccess: () => { void queries.invalidateQueries({ queryKey: ['alert', id] }); void queries.invalidateQueries({ queryKey: ['case'] }); },
    onError: (error) => { toast(`The note was not saved, it is kept here. ${error.message}`, 'bad'); },
  });
  return (
    <section aria-label="Activity" className="panel flex flex-col gap-2 p-3 max-lg:mx-4 max-lg:mt-3 max-lg:mb-4">
      <h2 className="panel-head">Activity</h2>
      <NoteForm draftId={`alert-${id}`} inputRef={noteRef} onSave={(text) => add.mutateAsync(text).then(() => true, () => false)} />
      <StoryList items={detail.activity} />
    </section>
  );
}
