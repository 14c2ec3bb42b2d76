/* What the parts of the stand-in share. */
#pragma once
#include <cuda_runtime_api.h>

/* Write a line to the log, where one is open; "[capture] " marks those of a recording. */
void stub_note(const char *call);

/* Log the launch of a kernel, and count it. */
cudaError_t stub_launched(const char *kernel);

/* Whether a stream is being recorded. */
int stub_records(cudaStream_t stream);

/* Log a call that the recording thread must not make, unless it relaxed its mode; if it did make
   it, the recording fails. */
cudaError_t stub_unsafe(const char *call);

/* Log a call that broke the recording. */
cudaError_t stub_broken(const char *call);
