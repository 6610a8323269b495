// Errors of the API. A problem+json body becomes an ApiError whose `code` the i18n tables translate;
// a request that never got an answer becomes one with code `offline`. Nothing is swallowed here.

/** One wrong value in a request body. */
export interface FieldError { pointer?: string; parameter?: string; code?: string; detail?: string }

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: FieldError[];
  /** The whole problem: some codes bring members of their own. */
  readonly more: Record<string, unknown>;

  constructor(status: number, code: string, detail: string, errors: FieldError[] = [], more: Record<string, unknown> = {}) {
    super(`${status} ${code} ${detail}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = errors;
    this.more = more;
  }

  /** The message for one property, if the server named it. */
  forField(name: string): string | null {
    const found = this.errors.find((error) => error.pointer?.split('/').pop() === name);
    return found ? (found.detail ?? found.code ?? null) : null;
  }

  /** The message for what a JSON pointer names, or for something inside it. */
  at(pointer: string): string | null {
    const found = this.errors.find((error) => error.pointer === pointer || error.pointer?.startsWith(`${pointer}/`));
    return found ? (found.detail ?? found.code ?? null) : null;
  }
}

/** Reads a failed response; a body that is not a problem still gives a usable error. */
export async function problemOf(response: Response): Promise<ApiError> {
  const fallback = `http-${response.status}`;
  try {
    const body = (await response.json()) as { code?: string; detail?: string; title?: string; errors?: FieldError[] };
    return new ApiError(response.status, body.code ?? fallback, body.detail ?? body.title ?? '', body.errors ?? [], body);
  } catch {
    return new ApiError(response.status, fallback, '');
  }
}

/** Any thrown value as an ApiError: a network failure is `offline`. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TypeError) return new ApiError(0, 'offline', '');
  return new ApiError(0, 'unexpected', error instanceof Error ? error.message : '');
}
