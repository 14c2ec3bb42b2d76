/* Memory of a card that is the host's: pages, zero at first and taken when first written. Copies
   are copies. */
#define _GNU_SOURCE
#include "stub.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct block {
    void *start;
    size_t size;
    struct block *next;
};
static struct block *blocks;

cudaError_t cudaMalloc(void **start, size_t size) {
    cudaError_t error = stub_unsafe("cudaMalloc");
    if (error)
        return error;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (pages == MAP_FAILED)
        return cudaErrorMemoryAllocation;
    struct block *block = malloc(sizeof *block);
    pthread_mutex_lock(&lock);
    *block = (struct block){pages, size, blocks};
    blocks = block;
    pthread_mutex_unlock(&lock);
    *start = pages;
    return cudaSuccess;
}

cudaError_t cudaFree(void *start) {
    cudaError_t error = stub_unsafe("cudaFree");
    if (error)
        return error;
    pthread_mutex_lock(&lock);
    struct block **link = &blocks;
    while (*link && (*link)->start != start)
        link = &(*link)->next;
    struct block *block = *link;
    if (block)
        *link = block->next;
    pthread_mutex_unlock(&lock);
    if (block)
        munmap(block->start, block->size);
    free(block);
    return cudaSuccess;
}

cudaError_t cudaMallocAsync(void **start, size_t size, cudaStream_t stream) {
    return cudaMalloc(start, size);
}

cudaError_t cudaFreeAsync(void *start, cudaStream_t stream) { return cudaFree(start); }

cudaError_t cudaHostAlloc(void **start, size_t size, unsigned flags) {
    cudaError_t error = stub_unsafe("cudaHostAlloc");
    if (!error)
        *start = malloc(size);
    return error;
}

cudaError_t cudaFreeHost(void *start) {
    free(start);
    return cudaSuccess;
}

static cudaError_t copied(void *to, const void *from, size_t size) {
    memmove(to, from, size);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t size, enum cudaMemcpyKind kind,
                            cudaStream_t stream) {
    static const char *const names[] = {"H2H", "H2D", "D2H", "D2D", "any"};
    int recorded = stub_records(stream) && kind != cudaMemcpyDeviceToDevice;
    char line[100];
    snprintf(line, sizeof line, "cudaMemcpyAsync%s %s %zu", recorded ? " HOST-COPY-IN-CAPTURE" : "",
             names[kind], size);
    stub_launched(line);
    return copied(to, from, size);
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t size, enum cudaMemcpyKind kind) {
    cudaError_t error = stub_unsafe("cudaMemcpy, synchronized");
    return error ? error : copied(to, from, size);
}

cudaError_t cudaMemcpyPeerAsync(void *to, int there, const void *from, int here, size_t size,
                                cudaStream_t stream) {
    return copied(to, from, size);
}

cudaError_t cudaMemsetAsync(void *start, int value, size_t size, cudaStream_t stream) {
    stub_launched("cudaMemsetAsync");
    memset(start, value, size);
    return cudaSuccess;
}

cudaError_t cudaMemset(void *start, int value, size_t size) {
    memset(start, value, size);
    return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes *attributes, const void *start) {
    memset(attributes, 0, sizeof *attributes);
    attributes->type = cudaMemoryTypeDevice;
    attributes->devicePointer = (void *)start;
    return cudaSuccess;
}

cudaError_t cudaGetSymbolAddress(void **address, const void *symbol) {
    *address = malloc(1 << 16);
    return cudaSuccess;
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t *pool, int device) {
    *pool = (cudaMemPool_t)1;
    return cudaSuccess;
}
