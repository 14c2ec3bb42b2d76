/* Launches and recordings of a CUDA runtime whose kernels do nothing. Calls that a recording
   forbids fail as they do on a card, and are marked in the log. */
#include "stub.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#undef cudaStreamGetCaptureInfo /* the header gives the name to a later version */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The log and the count of launches: stub.py reads them. */

static FILE *log_file;
static int launches;
static cudaStream_t capturing; /* the stream that records, if any */

void stub_log(const char *path) {
    pthread_mutex_lock(&lock);
    if (log_file)
        fclose(log_file);
    log_file = path ? fopen(path, "w") : NULL;
    pthread_mutex_unlock(&lock);
}

void stub_note(const char *call) {
    pthread_mutex_lock(&lock);
    if (log_file)
        fprintf(log_file, "%s%s\n", capturing ? "[capture] " : "", call);
    pthread_mutex_unlock(&lock);
}

int stub_launches(void) { return launches; }

cudaError_t stub_launched(const char *kernel) {
    stub_note(kernel);
    __atomic_add_fetch(&launches, 1, __ATOMIC_RELAXED);
    return cudaSuccess;
}

/* Recording: one stream at a time, by one thread. */

static pthread_t capturing_thread;
static int capture_broken;
static unsigned long long captures;
static __thread enum cudaStreamCaptureMode thread_mode; /* of calls this thread makes meanwhile */

cudaError_t stub_broken(const char *call) {
    char line[200];
    snprintf(line, sizeof line, "ILLEGAL-IN-CAPTURE %s", call);
    stub_note(line);
    capture_broken = 1;
    return cudaErrorStreamCaptureUnsupported;
}

cudaError_t stub_unsafe(const char *call) {
    int recording = capturing && pthread_equal(capturing_thread, pthread_self());
    if (recording && thread_mode != cudaStreamCaptureModeRelaxed)
        return stub_broken(call);
    stub_note(call);
    return cudaSuccess;
}

int stub_records(cudaStream_t stream) { return capturing && stream == capturing; }

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode) {
    capturing = stream;
    capturing_thread = pthread_self();
    captures++;
    capture_broken = 0;
    stub_note("cudaStreamBeginCapture");
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph) {
    stub_note("cudaStreamEndCapture");
    capturing = NULL;
    *graph = capture_broken ? NULL : (cudaGraph_t)0x77;
    return capture_broken ? cudaErrorStreamCaptureInvalidated : cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus *status) {
    if (!stub_records(stream))
        *status = cudaStreamCaptureStatusNone;
    else
        *status =
            capture_broken ? cudaStreamCaptureStatusInvalidated : cudaStreamCaptureStatusActive;
    return cudaSuccess;
}

cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, enum cudaStreamCaptureStatus *status,
                                     unsigned long long *id, cudaGraph_t *graph,
                                     const cudaGraphNode_t **dependencies,
                                     const cudaGraphEdgeData **edges, size_t *count) {
    if (id)
        *id = captures;
    if (count)
        *count = 0;
    return cudaStreamIsCapturing(stream, status);
}

cudaError_t cudaThreadExchangeStreamCaptureMode(enum cudaStreamCaptureMode *mode) {
    enum cudaStreamCaptureMode before = thread_mode;
    thread_mode = *mode;
    *mode = before;
    return cudaSuccess;
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *count) {
    *count = 100;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *ready, cudaGraph_t graph,
                                          unsigned long long flags) {
    *ready = (cudaGraphExec_t)0x78;
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
    stub_note("cudaGraphLaunch");
    return cudaSuccess;
}

/* Launches. */

cudaError_t cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments,
                             size_t shared, cudaStream_t stream) {
    return stub_launched("kernel");
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *launch, const void *kernel,
                                void **arguments) {
    return stub_launched("kernel");
}

/* What the <<<>>> of CUDA 13 becomes. */
static __thread struct {
    dim3 grid, block;
    size_t shared;
    void *stream;
} pushed;

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared, void *stream) {
    pushed.grid = grid;
    pushed.block = block;
    pushed.shared = shared;
    pushed.stream = stream;
    return 0;
}

int __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream) {
    *grid = pushed.grid;
    *block = pushed.block;
    *shared = pushed.shared;
    *(void **)stream = pushed.stream;
    return 0;
}

int __cudaGetKernel(void **kernel, const void *function) {
    *kernel = (void *)function;
    return 0;
}

int __cudaLaunchKernel(void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared,
                       cudaStream_t stream) {
    return stub_launched("kernel");
}

cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *attributes, const void *kernel) {
    memset(attributes, 0, sizeof *attributes);
    attributes->maxThreadsPerBlock = 1024;
    attributes->numRegs = 32;
    attributes->binaryVersion = attributes->ptxVersion = 90;
    return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, const void *kernel,
                                                                   int threads, size_t shared,
                                                                   unsigned flags) {
    *blocks = 2;
    return cudaSuccess;
}
