// One static binary and nothing else: it serves a port and keeps a call open to another.
package main

import (
	"bufio"
	"net"
	"os"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", ":"+os.Args[1])
	if err != nil {
		panic(err)
	}
	go serve(listener)
	for {
		call(os.Args[2])
		time.Sleep(time.Second)
	}
}

func serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go bufio.NewReader(connection).ReadString('\n')
	}
}

// Until the other side ends it.
func call(address string) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer connection.Close()
	bufio.NewReader(connection).ReadString('\n')
}
